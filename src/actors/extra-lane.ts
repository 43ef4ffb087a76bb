/** One lane of a service beside its first, from the order to launch it until nothing of it is left. */
import { type Lane, StartFailure } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';
import { HoldQueue } from './hold.ts';
import { Refusal } from './refusal.ts';
import type { Demand } from './services.ts';
import { SpawnReceipt } from './spawn-receipt.ts';
import { type ProbeSettings, watchLane } from './watch.ts';

export interface ExtraLaneSettings extends ProbeSettings {
  /** Idle time after which it is ended, in ms; 0: never. */
  readonly laneIdleMs: number;
  /** Unanswered probes in a row after which it counts as lost. */
  readonly probeFailures: number;
  /** Most requests that may wait for its launch. */
  readonly maxHeldRequests: number;
}

export interface ExtraLaneOptions {
  /** Its number within the service's start, ≥ 1. */
  readonly number: number;
  /** Whose it is. */
  readonly key: string;
  readonly clock: Clock;
  readonly settings: ExtraLaneSettings;
  /** Resolves when the lanes whose place it takes are gone: nothing is launched before (invariant 2). Never rejects. */
  readonly after: Promise<unknown>;
  launch(signal: AbortSignal, receipt: SpawnReceipt): Promise<Lane>;
  /** It serves no longer, or never did: then with the failure of its launch. Called once. */
  onOver(lane: ExtraLane, failure: Refusal | null): void;
  /** Nothing of it is left. */
  onGone(lane: ExtraLane, reason: string): void;
}

/** How soon trying again can help, in ms. */
const RETRY_MS = 1000;

const stillStarting = () => new Refusal('0003', 'a backend of its own is still starting for this', RETRY_MS);

export class ExtraLane {
  readonly number: number;
  readonly key: string;
  /** For the record of its spawn. */
  readonly receipt = new SpawnReceipt();
  /** Resolves when nothing of it is left, after `onGone`. Never rejects. */
  readonly gone: Promise<void>;
  readonly #options: ExtraLaneOptions;
  readonly #waiting: HoldQueue;
  readonly #end = new AbortController();
  #lane: Lane | null = null;
  #reason = '';

  constructor(options: ExtraLaneOptions) {
    this.number = options.number;
    this.key = options.key;
    this.#options = options;
    this.#waiting = new HoldQueue(options.clock, options.settings.maxHeldRequests, stillStarting);
    this.gone = this.#live().then(() => options.onGone(this, this.#reason));
  }

  /** The lane while it serves; null before and after. */
  get lane(): Lane | null {
    return this.#lane;
  }

  /** Requests that wait for its launch. */
  get held(): number {
    return this.#waiting.size;
  }

  /** As `Lane.load`; 1 while it is being launched, for somebody wants it. */
  get load(): number {
    if (this.#end.signal.aborted) return 0;
    return this.#lane === null ? 1 : this.#lane.load;
  }

  /** The lane once it is launched, after at most `waitMs`. @throws {Refusal} 0003 late; 0005 it failed; 0009 too many wait */
  hold(demand: Demand, waitMs: number): Promise<Lane> {
    return this.#waiting.hold(demand, waitMs);
  }

  /** Refuses who waits for it. */
  refuse(reason: Refusal): void {
    this.#waiting.review(() => reason);
  }

  /** Ends it; who waits for it is refused with the reason. Idempotent. */
  end(reason: string): void {
    this.#finish(new Refusal('0005', reason, RETRY_MS), null);
  }

  async #live(): Promise<void> {
    const { signal } = this.#end;
    const ended = new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    let lane: Lane | null = null;
    try {
      await this.#options.after;
      signal.throwIfAborted();
      lane = await this.#options.launch(signal, this.receipt);
      this.#serve(lane);
      const stopWatching = this.#watch(lane);
      await ended;
      stopWatching();
    } catch (error) {
      const unspoken = error instanceof StartFailure ? error.unspoken : null;
      const failure = new Refusal('0005', messageOf(error), null, unspoken);
      this.#finish(failure, failure);
    }
    await lane?.close();
  }

  #serve(lane: Lane): void {
    if (this.#end.signal.aborted) return;
    this.#lane = lane;
    this.#waiting.review(() => lane);
  }

  #watch(lane: Lane): () => void {
    const { clock, settings } = this.#options;
    let misses = 0;
    return watchLane(lane, settings, clock, settings.laneIdleMs, {
      answered: () => {
        misses = 0;
      },
      silent: reason => {
        if (++misses >= settings.probeFailures) this.end(reason);
      },
      lost: ({ message }) => this.end(message),
      idle: idleMs => this.end(`idle for ${Math.round(idleMs / 1000)} s`),
    });
  }

  #finish(refusal: Refusal, failure: Refusal | null): void {
    if (this.#end.signal.aborted) return;
    this.#reason = refusal.reason;
    this.#lane = null;
    this.#end.abort();
    this.#waiting.review(() => refusal);
    this.#options.onOver(this, failure);
  }
}
