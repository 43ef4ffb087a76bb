/** Looks at every page of the log while the gateway runs: what of that boot has no time for. */
import type { Clock } from '../backends/clock.ts';

export interface PageWatchOptions {
  /** Begins a check in slices of about a millisecond; undefined at its end: it has to begin anew. */
  check(): Generator<number, number | undefined>;
  readonly clock: Clock;
  /** All pages are sound. */
  onSound(): void;
  /** The log is damaged, or cannot be read; the error has the remedy. */
  onDamage(error: unknown): void;
  /** Time between two slices, in ms: the event loop's to use. Default 5. */
  readonly pauseMs?: number;
}

/** One look at all pages, told when it is done. */
export class PageWatch {
  readonly #options: Required<PageWatchOptions>;
  #run: Generator<number, number | undefined> | undefined;
  #timer: unknown;

  constructor(options: PageWatchOptions) {
    this.#options = { pauseMs: 5, ...options };
  }

  start(): void {
    const { clock, pauseMs } = this.#options;
    this.#timer = clock.setTimeout(() => this.#slice(), pauseMs);
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#run?.return(undefined);
    this.#run = undefined;
  }

  #slice(): void {
    const { check, onSound, onDamage } = this.#options;
    try {
      this.#run ??= check();
      const { done, value } = this.#run.next();
      if (done === true) this.#run = undefined;
      if (done === true && value !== undefined) onSound();
      else this.start();
    } catch (error) {
      this.#run = undefined;
      onDamage(error);
    }
  }
}
