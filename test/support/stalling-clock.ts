/** A simulated clock that can be held up: time goes on, but no timer goes off before the event loop turns again. */
import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/backends/clock.ts';

export class StallingClock implements Clock {
  readonly #clock = new SimulatedClock();
  #stalledMs = 0;
  /** When it was last held up no longer, epoch ms. */
  stalledUntil = Number.NEGATIVE_INFINITY;

  /** Epoch ms; 0 at first. */
  now(): number {
    return this.#clock.now() + this.#stalledMs;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    return this.#clock.setTimeout(callback, delayMs + this.#stalledMs);
  }

  clearTimeout(handle: unknown): void {
    this.#clock.clearTimeout(handle as number);
  }

  /** Whoever is running takes that long. */
  stall(ms: number): void {
    this.#stalledMs += ms;
    this.stalledUntil = this.now();
  }

  /** The event loop turns: timers that are due by now go off, late as they are. False when time was not held up. */
  catchUp(): boolean {
    const ms = this.#stalledMs;
    this.#stalledMs = 0;
    if (ms > 0) this.#clock.increment(ms);
    return ms > 0;
  }

  /** Time passes. */
  increment(ms: number): void {
    this.#clock.increment(ms);
  }
}
