/**
 * Calls that have ended here and not yet at the backend: taken back, out of time, or left behind by a session that ended. A
 * backend may ignore a cancellation (it SHOULD stop, no more), so until it answers such a call, what it says without a
 * correlator can be meant for that call's session as well as for another that is busy now (invariant 8).
 */
import { type Clock, steadyTime } from '../clock.ts';
import type { Call } from './call-book.ts';
import { type Expiring, ExpiringMap } from './expiring-map.ts';
import type { MultiplexerLimits } from './limits.ts';
import type { Peer } from './peers.ts';

interface Straggler extends Expiring {
  readonly peer: Peer;
}

export class Stragglers {
  readonly #calls: ExpiringMap<number, Straggler>;
  readonly #now: () => number;
  readonly #most: number;
  /** Steady time in ms until which there may be some that were not written down. */
  #uncountedUntil = Number.NEGATIVE_INFINITY;

  /** Each is kept for another `requestTimeoutMs`: one that is not answered by then never is. At most `maxInFlight` are kept. */
  constructor(clock: Clock, limits: Pick<MultiplexerLimits, 'requestTimeoutMs' | 'maxInFlight'>) {
    this.#now = steadyTime(clock);
    this.#most = limits.maxInFlight;
    this.#calls = new ExpiringMap(clock, limits.requestTimeoutMs, (_id, { peer }) => {
      peer.stragglers--;
    });
  }

  /** A call was ended without an answer of the backend. One of the gateway's own is nobody's. */
  add({ id, peer }: Pick<Call, 'id' | 'peer'>): void {
    if (peer === null) return;
    const deadline = this.#calls.deadline();
    if (this.#calls.size >= this.#most) {
      // It counts against everybody: to forget whose it is must not make anybody's messages another's (invariant 10).
      this.#uncountedUntil = deadline;
      return;
    }
    this.#calls.set(id, { peer, deadline });
    peer.stragglers++;
  }

  /** The backend has answered after all. */
  answered(id: number): void {
    const straggler = this.#calls.take(id);
    if (straggler !== undefined) straggler.peer.stragglers--;
  }

  /** Whether the backend may still work for another session than this one. */
  ofOthers(peer: Peer): boolean {
    return this.#calls.size > peer.stragglers || this.#now() < this.#uncountedUntil;
  }

  /** The backend has forgotten all calls: it began anew. */
  clear(): void {
    for (const [id] of this.#calls.entries()) this.answered(id);
    this.#uncountedUntil = Number.NEGATIVE_INFINITY;
  }

  /** Forgets the timer; for the end, when the backend says nothing more. */
  stop(): void {
    this.#calls.stop();
  }
}
