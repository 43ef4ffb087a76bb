import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { Refusal } from './refusal.ts';
import type { Demand } from './services.ts';

interface Held {
  readonly demand: Demand;
  /** Epoch ms at which it stops waiting. */
  readonly deadline: number;
  settle(outcome: Lane | Refusal): void;
}

/**
 * Requests that wait for a start (contract §5, "Hold"): bounded, each with a deadline, and gone when its client
 * hangs up. Each gets exactly one outcome (invariant 3).
 */
export class HoldQueue {
  readonly #held = new Set<Held>();
  readonly #clock: Clock;
  readonly #bound: number;
  readonly #expired: () => Refusal;

  /** @param bound most requests held at once, ≥ 1 @param expired the refusal of one whose time is over */
  constructor(clock: Clock, bound: number, expired: () => Refusal) {
    this.#clock = clock;
    this.#bound = bound;
    this.#expired = expired;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Holds a request for at most `waitMs` (Infinity: as long as the start takes). @throws {Refusal} 0009 past the bound */
  hold(demand: Demand, waitMs: number): Promise<Lane> {
    if (waitMs <= 0) return Promise.reject(this.#expired());
    if (this.#held.size >= this.#bound) {
      throw new Refusal('0009', `${this.#bound} requests already wait for this service`, 1000);
    }
    return new Promise((resolve, reject) => {
      const { signal } = demand;
      const hungUp = () => held.settle(new Refusal('0003', 'the client hung up while it waited'));
      const timer = Number.isFinite(waitMs)
        ? this.#clock.setTimeout(() => held.settle(this.#expired()), waitMs)
        : undefined;
      const held: Held = {
        demand,
        deadline: this.#clock.now() + waitMs,
        settle: outcome => {
          if (!this.#held.delete(held)) return;
          this.#clock.clearTimeout(timer);
          signal.removeEventListener('abort', hungUp);
          if (outcome instanceof Refusal) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#held.add(held);
      if (signal.aborted) hungUp();
      else signal.addEventListener('abort', hungUp, { once: true });
    });
  }

  /** Asks `decide` for each held request, in order of arrival: an outcome, or null to go on waiting. */
  review(decide: (demand: Demand, deadline: number) => Lane | Refusal | null): void {
    for (const held of [...this.#held]) {
      const outcome = decide(held.demand, held.deadline);
      if (outcome !== null) held.settle(outcome);
    }
  }
}
