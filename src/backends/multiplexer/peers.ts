/** The sessions on a lane, and which of them a message without a correlator can be meant for. */
import { IdTable } from '../../collections/id-table.ts';
import { LinkedList, type Place } from '../../collections/linked-list.ts';
import type { CallFailure, ReplySink, SessionPort } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { RpcId } from '../rpc/json-rpc.ts';
import type { CounterBook } from './counters.ts';
import type { Stragglers } from './stragglers.ts';

/** A call as its session knows it. */
export interface CallUnderWay {
  /** Id towards the backend. */
  readonly id: number;
  readonly clientId: RpcId;
  /** Whether it is a `subscriptions/listen`. */
  readonly listens: boolean;
  readonly sink: ReplySink;
}

/** One session's side of a lane. */
export class Peer {
  readonly port: SessionPort;
  /** Its calls under way, by its own ids. */
  readonly calls = new IdTable<CallUnderWay>();
  holds = 0;
  /** Its calls that the backend may still work on though they have ended here; kept by `Stragglers`. */
  stragglers = 0;
  closed = false;
  /** Where it is among the attached, and among the busy; null: it is not. */
  attachedPlace: Place<Peer> | null = null;
  busyPlace: Place<Peer> | null = null;
  /** Why the session gets nothing done here; null when it does. */
  refusal: CallFailure | null = null;

  constructor(port: SessionPort) {
    this.port = port;
  }
}

export type OnFault = (error: unknown) => void;

export class Peers {
  readonly attached = new LinkedList<Peer>();
  /** Those with a call under way. */
  readonly busy = new LinkedList<Peer>();
  /** Streams held open, all sessions together. */
  holds = 0;
  readonly stragglers: Stragglers;
  readonly #clock: Clock;
  readonly #counters: CounterBook;
  readonly #onFault: OnFault;

  #lastUsedAt: number;

  constructor(clock: Clock, counters: CounterBook, onFault: OnFault, stragglers: Stragglers) {
    this.#clock = clock;
    this.#lastUsedAt = clock.now();
    this.#counters = counters;
    this.#onFault = onFault;
    this.stragglers = stragglers;
  }

  /** Clock time in ms at which a session last began or ended a call, a stream, or itself. */
  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  used(): void {
    this.#lastUsedAt = this.#clock.now();
  }

  attach(peer: Peer): void {
    peer.attachedPlace = this.attached.add(peer);
  }

  detach(peer: Peer): void {
    if (peer.attachedPlace !== null) this.attached.remove(peer.attachedPlace);
    peer.attachedPlace = null;
  }

  /** A call of the session is under way. */
  begun(peer: Peer, clientId: RpcId, call: CallUnderWay): void {
    peer.calls.set(clientId, call);
    this.used();
    peer.busyPlace ??= this.busy.add(peer);
  }

  /** It is not any more. */
  over(peer: Peer, clientId: RpcId): void {
    peer.calls.take(clientId);
    this.used();
    if (peer.calls.size > 0 || peer.busyPlace === null) return;
    this.busy.remove(peer.busyPlace);
    peer.busyPlace = null;
  }

  /**
   * The one session that can be meant by a message without a correlator (invariant 8), if it offers the capability: the
   * only one with a call under way, else the only one attached that offers it. A session that is busy without offering
   * it may well be the cause, so then nobody else is meant; nor is anybody while another's call may go on at the backend.
   */
  only(capability: string | null): Peer | null {
    if (this.busy.size > 1) return null;
    let found: Peer | null = null;
    for (const peer of this.busy.size === 1 ? this.busy : this.attached) {
      if (capability !== null && !Object.hasOwn(peer.port.capabilities, capability)) continue;
      if (found !== null) return null;
      found = peer;
    }
    return found === null || this.stragglers.ofOthers(found) ? null : found;
  }

  /** Delivers where the session listens: on the stream of its only call, else outside any; false when nobody does. */
  deliver(peer: Peer, text: string): boolean {
    if (peer.calls.size !== 1) return this.deliverOutside(peer, text);
    for (const call of peer.calls.values()) this.guard(() => call.sink.message(text));
    return true;
  }

  /** Delivers outside any request; false, and counted, when nobody listens. */
  deliverOutside(peer: Peer, text: string): boolean {
    let delivered = false;
    this.guard(() => {
      delivered = peer.port.deliver(text);
    });
    if (!delivered) this.#counters.dropped.notDelivered++;
    return delivered;
  }

  /** Runs one session's callback such that its fault does not touch another session. */
  guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#onFault(error);
    }
  }
}
