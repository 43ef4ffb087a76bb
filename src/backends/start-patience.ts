/** How long a start may take: as long as it moves, but not for ever. One timer, whatever moves how often. */
import { type Clock, steadyTime } from './clock.ts';

/** The whole start may take this many times the longest silence. */
const CAP_FACTOR = 10;

export class StartPatience {
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #silenceMs: number;
  readonly #onExpired: (reason: string) => void;
  readonly #startedAt: number;
  #movedAt: number;
  #timer: unknown;

  /** `onExpired` is called once: after `silenceMs` without a movement, or after ten times that in any case. */
  constructor(clock: Clock, silenceMs: number, onExpired: (reason: string) => void) {
    this.#clock = clock;
    this.#now = steadyTime(clock);
    this.#silenceMs = silenceMs;
    this.#onExpired = onExpired;
    this.#startedAt = this.#now();
    this.#movedAt = this.#startedAt;
    this.#timer = clock.setTimeout(() => this.#look(), silenceMs);
  }

  moved(): void {
    this.#movedAt = this.#now();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #look(): void {
    const now = this.#now();
    const capMs = this.#silenceMs * CAP_FACTOR;
    const silenceLeftMs = this.#movedAt + this.#silenceMs - now;
    const capLeftMs = this.#startedAt + capMs - now;
    if (silenceLeftMs <= 0) {
      this.#onExpired(
        `nothing was heard of it for ${this.#silenceMs} ms; raise startTimeoutMs in its config if it needs longer`,
      );
    } else if (capLeftMs <= 0) {
      this.#onExpired(`it still moved, but was not ready after ${capMs} ms (10 × startTimeoutMs)`);
    } else {
      this.#timer = this.#clock.setTimeout(() => this.#look(), Math.min(silenceLeftMs, capLeftMs));
    }
  }
}
