/**
 * The traces of starts and records, from the bus of committed transitions: a start is a span from the record that asks for it
 * to the one that ends it, every record of it a span of its append. A start that a request brought about belongs to that
 * request's trace, any other (a recovery, the warm-up) has one of its own.
 */
import { type Context, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { statePath } from '../../actors/journal.ts';
import type { Committed, LiveServices } from '../../actors/live.ts';
import type { RequestTrace } from '../port.ts';
import { ATTRIBUTES, beginStep, endStep, now, type Step } from './steps.ts';

const STARTING: ReadonlySet<string> = new Set(['Pending.Queued', 'Pending.Starting']);

type Recorded = Omit<Committed, 'from'>;

export class ServiceTraces {
  readonly #tracer: Tracer;
  /** Starts under way, by service: those in memory at most (invariant 10). */
  readonly #starts = new Map<string, Step>();
  #appendMs = 0;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Told before the bus tells of the record. */
  appended(durationMs: number): void {
    this.#appendMs = durationMs;
  }

  follow(events: LiveServices['events'], cause: () => RequestTrace | null): void {
    events.on('registered', recorded => this.#append(recorded, cause()?.cause));
    events.on('transition', transition => this.#take(transition, cause()));
    events.on('unwritten', (id, event) => this.#unwritten(id, event, cause()?.cause));
  }

  #take(transition: Committed, request: RequestTrace | null): void {
    const { id, to, event } = transition;
    const path = statePath(to);
    const starting = STARTING.has(path);
    if (starting && !this.#starts.has(id)) this.#begin(transition, request?.startCause ?? ROOT_CONTEXT);
    const start = this.#starts.get(id);
    this.#append(transition, start?.context ?? request?.cause);
    if (starting || start === undefined) return;
    this.#starts.delete(id);
    start.span.setAttributes({ [ATTRIBUTES.state]: path, [ATTRIBUTES.generation]: to.context.generation });
    endStep(start, path.startsWith('Ready') ? undefined : event.type);
  }

  #begin({ id, to, event }: Committed, parent: Context): void {
    const step = beginStep(this.#tracer, 'start', parent, {
      startTime: now() - this.#appendMs,
      attributes: {
        [ATTRIBUTES.id]: id,
        [ATTRIBUTES.type]: to.context.type,
        [ATTRIBUTES.event]: event.type,
      },
    });
    this.#starts.set(id, step);
  }

  #append({ id, seq, to, event }: Recorded, parent: Context | undefined): void {
    if (parent === undefined) return;
    const step = beginStep(this.#tracer, 'append', parent, {
      startTime: now() - this.#appendMs,
      attributes: {
        [ATTRIBUTES.id]: id,
        [ATTRIBUTES.seq]: seq,
        [ATTRIBUTES.event]: event.type,
        [ATTRIBUTES.state]: statePath(to),
      },
    });
    endStep(step);
  }

  #unwritten(id: string, event: string, cause: Context | undefined): void {
    const parent = this.#starts.get(id)?.context ?? cause;
    if (parent === undefined) return;
    const attributes = { [ATTRIBUTES.id]: id, [ATTRIBUTES.event]: event };
    endStep(
      beginStep(this.#tracer, 'append', parent, { startTime: now() - this.#appendMs, attributes }),
      'unwritten',
    );
  }
}
