/** Finds services for whoever moves them: in memory, in the log, or not registered yet. */
import { requireAllowed } from './allowed.ts';
import type { ServiceHandle } from './handle.ts';
import type { Stamps } from './journal.ts';
import type { LiveServices } from './live.ts';
import type { Policy } from './machine/model.ts';
import { noSuchService, Refusal } from './refusal.ts';
import type { RegistryOptions } from './registry-options.ts';
import { sameState } from './replay.ts';
import type { ServiceStore, StoredService } from './service-store.ts';
import type { StartOrder } from './services.ts';
import { isAtRest } from './status.ts';
import { Subject } from './subject.ts';

/** How services come back that ran in an earlier life. */
export interface Recovery {
  /** `gated`: Persistent services start again in the background; `lazy`: when somebody asks for them. */
  readonly warmup: 'gated' | 'lazy';
  /** Resolves when nothing of an earlier life is alive: no such service starts before (invariant 2). */
  readonly leftoversEnded: Promise<void>;
}

export interface WakerOptions extends Stamps, Pick<RegistryOptions, 'rules'> {
  readonly live: LiveServices;
  readonly store: ServiceStore;
  readonly policy: Policy;
}

/** Pause before a wake that could not be written is tried again, in ms. */
const RETRY_WAKE_MS = 1000;

export class Waker {
  /** Set at boot, before the first wake. */
  recovery: Recovery = { warmup: 'gated', leftoversEnded: Promise.resolve() };
  readonly #options: WakerOptions;
  /** Those that were woken for a move that is not on record yet. */
  readonly #woken = new WeakSet<Subject>();

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /**
   * The service as it is to be moved: woken from its head if need be, or to be registered if an order comes along.
   * @throws {Refusal} 0001 there is none; it cannot be read, or must not be what is ordered; the gateway stops
   */
  find(id: string, order: StartOrder | null, registering: number): Subject {
    const { live, store, clock, policy, rules } = this.#options;
    live.requireRunning();
    if (order !== null) requireAllowed(order, rules);
    const present = live.find(id);
    if (present !== undefined) {
      present.requireHeard();
      return this.present(present);
    }
    const stored = store.load(id);
    if (stored !== undefined) return this.#wake(id, stored);
    if (order === null) throw noSuchService(id);
    return new Subject(id, store.registration(id, order, policy, clock.now(), registering), this.#options);
  }

  /** A service in memory, as it is to be moved. */
  present(handle: ServiceHandle): Subject {
    return new Subject(handle.id, handle, this.#options);
  }

  /** The move could not be written. A service that was woken for it is let go; what is owed to it is tried again by itself. */
  abandon(subject: Subject, error: unknown): void {
    const { live } = this.#options;
    if (!this.#woken.has(subject) || 'draft' in subject.origin) return;
    live.drop(subject.origin);
    if (!isAtRest(subject.origin.state)) this.postpone(subject.id, error);
  }

  /** What is owed to a service could not be done: it is tried again, unless its record cannot be used at all. */
  postpone(id: string, error: unknown): void {
    const { live, clock } = this.#options;
    const isUsable = !(error instanceof Refusal) || error.code === '0009';
    if (isUsable) live.owe(id, clock.now() + RETRY_WAKE_MS);
  }

  #wake(id: string, { divergence, ...stored }: StoredService): Subject {
    const { live, policy } = this.#options;
    const handle = live.enliven(id, stored);
    const subject = this.present(handle);
    this.#woken.add(subject);
    if (divergence !== null) subject.tell({ type: 'divergence found', reason: divergence });
    else if (!sameState(handle.state.context.policy, policy))
      subject.tell({ type: 'policy changed', policy });
    // What runs is in memory and is not woken: whatever the head says is running ran in an earlier life.
    if (isAtRest(subject.state)) return subject;
    handle.slot.awaitLeftovers(this.recovery.leftoversEnded);
    subject.tell({ type: 'gateway restarted', warmup: this.recovery.warmup });
    return subject;
  }
}
