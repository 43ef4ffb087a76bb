import type { Clock } from '../backends/clock.ts';

/** The due times of services at rest: all that stays in memory of a service that cools down. */
export class DueTimes {
  readonly #clock: Clock;
  readonly #due: (id: string) => void;
  readonly #timers = new Map<string, unknown>();

  /** @param due called once when a service's time has come */
  constructor(clock: Clock, due: (id: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#timers.size;
  }

  /** @param dueAt epoch ms; a time in the past is due at once */
  arm(id: string, dueAt: number): void {
    this.disarm(id);
    const fire = () => {
      this.#timers.delete(id);
      this.#due(id);
    };
    this.#timers.set(id, this.#clock.setTimeout(fire, Math.max(0, dueAt - this.#clock.now())));
  }

  disarm(id: string): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) return;
    this.#clock.clearTimeout(timer);
    this.#timers.delete(id);
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.disarm(id);
  }
}
