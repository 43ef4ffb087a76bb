/** Keeps the log within its bounds while the gateway runs, a slice at a time. */
import type { Clock } from '../backends/clock.ts';
import type { EventLog } from '../store/event-log.ts';

export interface LogRetentionOptions {
  readonly log: Pick<EventLog, 'prune'>;
  readonly clock: Clock;
  /** Most records kept. */
  readonly maxRecords: number;
  /** Age from which records may go, in ms; 0: never. */
  readonly maxAgeMs: number;
  /** A slice could not be pruned; it is tried again at the next round. */
  onFault(error: unknown): void;
  /** Records removed at a time: a slice takes a few ms. Default 256. */
  readonly slice?: number;
  /** Time between two slices of a round, in ms: the event loop's to use. Default 20. */
  readonly pauseMs?: number;
  /** Time between two rounds, in ms. Default 10,000. */
  readonly roundMs?: number;
}

/** Prunes in rounds until it is stopped: a round goes on as long as a whole slice was there to remove. */
export class LogRetention {
  readonly #options: Required<LogRetentionOptions>;
  #timer: unknown;

  constructor(options: LogRetentionOptions) {
    this.#options = { slice: 256, pauseMs: 20, roundMs: 10_000, ...options };
  }

  /** The first round begins one pause from now. */
  start(): void {
    this.#in(this.#options.pauseMs);
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #in(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#prune(), delayMs);
  }

  #prune(): void {
    const { slice, pauseMs, roundMs } = this.#options;
    this.#in(this.#removed() === slice ? pauseMs : roundMs);
  }

  #removed(): number {
    const { log, clock, maxRecords, maxAgeMs, slice, onFault } = this.#options;
    const before = maxAgeMs === 0 ? Number.NEGATIVE_INFINITY : clock.now() - maxAgeMs;
    try {
      return log.prune({ maxRecords, before }, slice);
    } catch (error) {
      onFault(error);
      return 0;
    }
  }
}
