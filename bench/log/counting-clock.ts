import { type Clock, systemClock } from '../../src/backends/clock.ts';

/** The system's clock, which knows how many of its timers are armed. */
export class CountingClock implements Clock {
  readonly #armed = new Set<unknown>();

  get armed(): number {
    return this.#armed.size;
  }

  now(): number {
    return systemClock.now();
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const handle = systemClock.setTimeout(() => {
      this.#armed.delete(handle);
      callback();
    }, delayMs);
    this.#armed.add(handle);
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#armed.delete(handle);
    systemClock.clearTimeout(handle);
  }
}
