/** A simulated clock whose time of day somebody may set, as of a real machine: timers and steady time go on as they would have. */
import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/backends/clock.ts';

export class SettableClock implements Clock {
  readonly #clock = new SimulatedClock();
  #offsetMs = 0;
  readonly steady = () => this.#clock.now();

  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    return this.#clock.setTimeout(callback, delayMs);
  }

  clearTimeout(handle: unknown): void {
    this.#clock.clearTimeout(handle as number);
  }

  /** Time passes. */
  increment(ms: number): void {
    this.#clock.increment(ms);
  }

  /** The time of day is set forward, or back where `ms` is negative. */
  set(ms: number): void {
    this.#offsetMs += ms;
  }
}
