/** How late the event loop is: what every request waits for, whatever else it waits for. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is looked at, in ms; a look costs a timer of the runtime itself. */
const RESOLUTION_MS = 20;

/** How long looks are collected before they are judged, in ms. */
const INTERVAL_MS = 500;

/** Lag in ms: by how much a timer went off late. */
export interface Lag {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class EventLoopWatch {
  readonly #looks: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #lag: Lag = { meanMs: 0, p99Ms: 0, maxMs: 0 };

  /** @param onJudged called after each interval */
  constructor(onJudged: (lag: Lag) => void = () => {}) {
    this.#looks.enable();
    this.#timer = setInterval(() => {
      this.#judge();
      onJudged(this.#lag);
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /** Of the last interval. */
  get lag(): Lag {
    return this.#lag;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#looks.disable();
  }

  /** A timer that goes off in time shows as the resolution itself. */
  #judge(): void {
    const lateMs = (delayNs: number) =>
      Number.isFinite(delayNs) ? Math.max(0, delayNs / 1e6 - RESOLUTION_MS) : 0;
    const { mean, max } = this.#looks;
    const p99 = this.#looks.percentile(99);
    this.#looks.reset();
    this.#lag = { meanMs: lateMs(mean), p99Ms: lateMs(p99), maxMs: lateMs(max) };
  }
}
