/**
 * How late the event loop is: what every request waits for, whatever else it waits for. Measured by a timer of our own: the
 * runtime's histogram loses the look that follows each reset, and with it every stall, once all turns of the loop are long.
 */

/** Time between two looks, in ms. */
const LOOK_MS = 50;

/** How long looks are collected before they are judged, in ms. */
const INTERVAL_MS = 500;

/** By how much looks were late, in ms. */
export interface Lag {
  readonly meanMs: number;
  readonly maxMs: number;
}

export class EventLoopWatch {
  readonly #onJudged: (lag: Lag) => void;
  readonly #timer: NodeJS.Timeout;
  #lag: Lag = { meanMs: 0, maxMs: 0 };
  #dueAt: number;
  #intervalEndsAt: number;
  #looks = 0;
  #sumMs = 0;
  #maxMs = 0;

  /** @param onJudged called after each interval */
  constructor(onJudged: (lag: Lag) => void = () => {}) {
    const now = performance.now();
    this.#onJudged = onJudged;
    this.#dueAt = now + LOOK_MS;
    this.#intervalEndsAt = now + INTERVAL_MS;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Of the last interval. */
  get lag(): Lag {
    return this.#lag;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - this.#dueAt);
    this.#looks++;
    this.#sumMs += lateMs;
    this.#maxMs = Math.max(this.#maxMs, lateMs);
    this.#dueAt = now + LOOK_MS;
    if (now >= this.#intervalEndsAt) this.#judge(now);
  }

  #judge(now: number): void {
    this.#lag = { meanMs: this.#sumMs / this.#looks, maxMs: this.#maxMs };
    this.#intervalEndsAt = now + INTERVAL_MS;
    this.#looks = 0;
    this.#sumMs = 0;
    this.#maxMs = 0;
    this.#onJudged(this.#lag);
  }
}
