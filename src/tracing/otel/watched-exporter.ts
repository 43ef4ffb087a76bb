/** Tells in the log when a collector is lost and when it is back: one line each, however many spans are concerned. */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';

type Done = Parameters<SpanExporter['export']>[1];

interface Watch {
  /** Its origin: the URL may hold a password. */
  readonly collector: string;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #watch: Watch;
  /** Spans lost since it was there last; null: it is there. */
  #lost: number | null = null;

  constructor(exporter: SpanExporter, watch: Watch) {
    this.#exporter = exporter;
    this.#watch = watch;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#exporter.export(spans, result => {
      // 0 is ExportResultCode.SUCCESS, of a package that is not ours to name.
      this.#judge(result.code === 0 ? null : (result.error ?? new Error('it gave no reason')), spans.length);
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #judge(error: Error | null, spans: number): void {
    const { collector, logger } = this.#watch;
    if (error !== null) {
      if (this.#lost === null)
        logger.warn(
          { collector, reason: error.message },
          'the trace collector takes no spans; they are lost',
        );
      this.#lost = (this.#lost ?? 0) + spans;
    } else if (this.#lost !== null) {
      logger.info({ collector, lost: this.#lost }, 'the trace collector takes spans again');
      this.#lost = null;
    }
  }
}
