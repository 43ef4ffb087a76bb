/** The calls under way on a lane, by their ids towards the backend: those with a deadline, and those that listen. */
import type { Clock } from '../clock.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { CallUnderWay, Peer } from './peers.ts';

/** How a call ended, for the books kept beside it: with a result, with an error of the backend, or with neither. */
export type Ending = 'answered' | 'refused' | 'unanswered';

export interface Call extends CallUnderWay {
  /** null: the gateway's own request. */
  readonly peer: Peer | null;
  /** The client's own progress token, as JSON text; null when it asked for no progress. */
  readonly clientToken: string | null;
  /** Hears of the end before the sink does. */
  readonly ended: ((ending: Ending) => void) | null;
  readonly deadline: number;
}

export class CallBook {
  readonly #timed: ExpiringMap<number, Call>;
  readonly #listening = new Map<number, Call>();
  /** The gateway's own among them. */
  #ownTimed = 0;
  #ownListening = 0;

  /** `onExpired` is called for a call that was still there at its deadline, after it was taken out. */
  constructor(clock: Clock, lifetimeMs: number, onExpired: (call: Call) => void) {
    this.#timed = new ExpiringMap(clock, lifetimeMs, (_id, call) => {
      if (call.peer === null) this.#ownTimed--;
      onExpired(call);
    });
  }

  /** Calls of sessions; the gateway's own do not count. */
  get size(): number {
    return this.inFlight + this.#listening.size - this.#ownListening;
  }

  /** Those of them that have a deadline. */
  get inFlight(): number {
    return this.#timed.size - this.#ownTimed;
  }

  get listening(): number {
    return this.#listening.size;
  }

  /** The only call that waits for an answer; undefined when there is none, or several. */
  get single(): Call | undefined {
    const [oldest] = this.#timed.size === 1 ? this.#timed.entries() : [];
    return oldest?.[1];
  }

  deadline(): number {
    return this.#timed.deadline();
  }

  get(id: number): Call | undefined {
    return this.#timed.get(id) ?? this.#listening.get(id);
  }

  add(call: Call): void {
    if (call.peer === null) this.#countOwn(call, 1);
    if (call.listens) this.#listening.set(call.id, call);
    else this.#timed.set(call.id, call);
  }

  /** Takes a call out; undefined when there is none. */
  take(id: number): Call | undefined {
    const call = this.#timed.take(id) ?? this.#listening.get(id);
    this.#listening.delete(id);
    if (call?.peer === null) this.#countOwn(call, -1);
    return call;
  }

  ids(): number[] {
    return [...this.#timed.entries(), ...this.#listening].map(([id]) => id);
  }

  /** Forgets the timer; for the end, when no more calls will come. */
  stop(): void {
    this.#timed.stop();
  }

  #countOwn({ listens }: Call, change: 1 | -1): void {
    if (listens) this.#ownListening += change;
    else this.#ownTimed += change;
  }
}
