/** The trace of a request that manages services (OpenTelemetry's conventions for HTTP servers). */
import type { Context } from '@opentelemetry/api';
import type { RefusalCode } from '../../actors/refusal.ts';
import type { CommandTrace } from '../port.ts';
import { ATTRIBUTES, endStep, type Step } from './steps.ts';

export class OtelCommandTrace implements CommandTrace {
  readonly #step: Step;
  #code: RefusalCode | '0000' = '0000';

  constructor(step: Step) {
    this.#step = step;
  }

  get cause(): Context {
    return this.#step.context;
  }

  /** Who manages does not wait. */
  get startCause(): Context {
    return this.#step.context;
  }

  refused(code: RefusalCode): void {
    this.#code = code;
  }

  end(status: number): void {
    this.#step.span.setAttributes({ 'http.response.status_code': status, [ATTRIBUTES.code]: this.#code });
    endStep(this.#step, status >= 500 ? String(status) : undefined);
  }
}
