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
  /** Records removed at a time at first. Default 256. */
  readonly slice?: number;
  /** Time between two slices of a round, in ms: the event loop's to use. Default 20. */
  readonly pauseMs?: number;
  /** Time between two rounds, in ms, while there is nothing to remove. Default 10,000. */
  readonly roundMs?: number;
  /** The same after a round that removed something: more is coming. Default 1000. */
  readonly busyRoundMs?: number;
}

/** Slices grow while they take less than this, so that they keep pace with whatever is written, in ms. */
const QUICK_MS = 10;
/** Slices shrink when they take more than this, in ms: age is told by reading every record. */
const SLOW_MS = 20;
/** Most records removed at a time. */
const MAX_SLICE = 4096;

/** Prunes in rounds until it is stopped: a round goes on as long as a whole slice was there to remove. */
export class LogRetention {
  readonly #options: Required<LogRetentionOptions>;
  #slice: number;
  #timer: unknown;

  constructor(options: LogRetentionOptions) {
    this.#options = { slice: 256, pauseMs: 20, roundMs: 10_000, busyRoundMs: 1000, ...options };
    this.#slice = this.#options.slice;
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
    const { clock, pauseMs, roundMs, busyRoundMs } = this.#options;
    const slice = this.#slice;
    const since = clock.now();
    const removed = this.#removed(slice);
    const isWhole = removed === slice;
    const tookMs = clock.now() - since;
    if (tookMs > SLOW_MS) this.#slice = Math.ceil(slice / 2);
    else if (isWhole && tookMs < QUICK_MS) this.#slice = Math.min(MAX_SLICE, slice * 2);
    const restMs = removed > 0 ? busyRoundMs : roundMs;
    this.#in(isWhole ? pauseMs : restMs);
  }

  #removed(slice: number): number {
    const { log, clock, maxRecords, maxAgeMs, onFault } = this.#options;
    const before = maxAgeMs === 0 ? Number.NEGATIVE_INFINITY : clock.now() - maxAgeMs;
    try {
      return log.prune({ maxRecords, before }, slice);
    } catch (error) {
      onFault(error);
      return 0;
    }
  }
}
