/** Keeps whoever makes lines from flooding the log: so many a second, then a line that says how many were left out. */
import { type Clock, steadyTime } from '../backends/clock.ts';

const WINDOW_MS = 1000;

export class LineLimiter {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #onLeftOut: (lines: number) => void;
  #windowBegan = Number.NEGATIVE_INFINITY;
  #admitted = 0;
  #leftOut = 0;

  /** @param perSecond 0: none at all, and nothing is said of it @param onLeftOut told at most once a second */
  constructor(perSecond: number, clock: Clock, onLeftOut: (lines: number) => void) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#now = steadyTime(clock);
    this.#onLeftOut = onLeftOut;
  }

  /** Whether one more line may be written now. */
  admits(): boolean {
    if (this.#perSecond === 0) return false;
    const now = this.#now();
    if (now - this.#windowBegan >= WINDOW_MS) {
      this.#windowBegan = now;
      this.#admitted = 0;
    }
    if (this.#admitted < this.#perSecond) {
      this.#admitted++;
      return true;
    }
    if (this.#leftOut++ === 0) this.#clock.setTimeout(() => this.#tell(), WINDOW_MS);
    return false;
  }

  #tell(): void {
    const lines = this.#leftOut;
    this.#leftOut = 0;
    this.#onLeftOut(lines);
  }
}
