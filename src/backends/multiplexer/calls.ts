/**
 * Requests under way on a lane. Towards the backend each has an integer of its own, which is its id and its progress
 * token; whatever comes back under that integer goes to that call's sink and nowhere else (invariant 8). A call is taken
 * out before its sink hears of its end, so it has one outcome (invariant 3).
 */
import type { JsonObject } from '../../store/event-log.ts';
import type { CallFailure, ReplySink } from '../backend.ts';
import type { Clock } from '../clock.ts';
import { cancelledText, requestText } from '../rpc/build.ts';
import type { RpcId } from '../rpc/json-rpc.ts';
import { type Edit, type LocatedText, readHead, splice, valueAt } from '../rpc/places.ts';
import type { ParsedMessage } from '../rpc/text.ts';
import type { CounterBook } from './counters.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { CallUnderWay, Peer, Peers } from './peers.ts';
import { readToken } from './progress-token.ts';
import type { Wire } from './wire.ts';

/** 1 is the id of the handshake's `initialize`. */
const FIRST_ID = 2;

const NO_EDIT: Edit = [undefined, ''];

/** How a call ended, for the books kept beside it: with a result, with an error of the backend, or with neither. */
export type Ending = 'answered' | 'refused' | 'unanswered';

interface Call extends CallUnderWay {
  /** null: the gateway's own request. */
  readonly peer: Peer | null;
  readonly clientId: RpcId;
  /** The client's own progress token, as JSON text; null when it asked for no progress. */
  readonly clientToken: string | null;
  /** Hears of the end before the sink does. */
  readonly ended: ((ending: Ending) => void) | null;
  readonly deadline: number;
}

export interface CallLimits {
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
}

export class Calls {
  readonly #calls: ExpiringMap<number, Call>;
  readonly #wire: Wire;
  readonly #peers: Peers;
  readonly #counters: CounterBook;
  readonly #limits: CallLimits;
  #nextId = FIRST_ID;
  #own = 0;

  constructor(wire: Wire, peers: Peers, counters: CounterBook, clock: Clock, limits: CallLimits) {
    this.#wire = wire;
    this.#peers = peers;
    this.#counters = counters;
    this.#limits = limits;
    // Progress does not prolong a call: its deadline holds whatever the backend sends (invariant 3).
    this.#calls = new ExpiringMap(clock, limits.requestTimeoutMs, (_id, call) => this.#expire(call));
  }

  /** Calls of sessions under way; the gateway's own do not count. */
  get size(): number {
    return this.#calls.size - this.#own;
  }

  /** Sends a session's request. `edit` replaces one more value in it. Its failure, too, is told to the sink. */
  begin(
    peer: Peer,
    clientId: RpcId,
    located: LocatedText,
    sink: ReplySink,
    ended: Call['ended'] = null,
    edit: Edit = NO_EDIT,
  ): void {
    if (this.size >= this.#limits.maxInFlight) {
      ended?.('unanswered');
      const reason = `${this.#limits.maxInFlight} calls are under way on this backend; try again later`;
      sink.fail({ kind: 'overloaded', reason, delivered: false });
      return;
    }
    const id = this.#nextId++;
    const clientToken = readToken(located);
    const ours = String(id);
    const text = splice(located.text, [located.id, ours], [located.metaProgressToken, ours], edit);
    this.#send({ id, peer, clientId, clientToken, sink, ended, deadline: this.#calls.deadline() }, text);
  }

  /** Sends a request of the gateway's own. Returns the call's id. */
  beginOwn(method: string, params: JsonObject, sink: ReplySink): number {
    const id = this.#nextId++;
    const deadline = this.#calls.deadline();
    const call = { id, peer: null, clientId: id, clientToken: null, sink, ended: null, deadline };
    this.#own++;
    this.#send(call, requestText(id, method, params));
    return id;
  }

  /** A response of the backend. */
  answer({ message, located, failed }: ParsedMessage): void {
    const id = message.kind === 'response' ? message.id : null;
    const call = typeof id === 'number' ? this.take(id) : undefined;
    if (call === undefined) {
      this.#counters.dropped.unknownId++;
      return;
    }
    call.ended?.(failed ? 'refused' : 'answered');
    const text = splice(located.text, [located.id, JSON.stringify(call.clientId)]);
    this.#peers.guard(() => call.sink.result(text));
  }

  /** A `notifications/progress` of the backend. */
  progress(located: LocatedText): void {
    const token = valueAt(located.text, located.progressToken);
    const call = typeof token === 'number' ? this.#calls.get(token) : undefined;
    const clientToken = call?.clientToken ?? null;
    if (call === undefined || clientToken === null) {
      this.#counters.dropped.unknownToken++;
      return;
    }
    const text = splice(located.text, [located.progressToken, clientToken]);
    this.#peers.guard(() => call.sink.message(text));
  }

  /**
   * A message of the backend was too long and skipped. Its call fails, if the head tells which it was, or if a single
   * call is under way that a response can belong to.
   */
  oversized(bytes: number, head: string): void {
    const { responseId, isResponse } = readHead(head);
    const [oldest] = this.#calls.size === 1 ? this.#calls.entries() : [];
    const id = responseId ?? (isResponse ? oldest?.[0] : null);
    const call = typeof id === 'number' ? this.take(id) : undefined;
    if (call === undefined) this.#counters.dropped.oversized++;
    else this.#fail(call, { kind: 'too large', reason: `the answer has ${bytes} bytes`, delivered: true });
  }

  /** Forgets a call and tells the backend; its sink hears nothing more. Its later answer is dropped. */
  abandon(id: number, reason: string): void {
    const call = this.take(id);
    if (call === undefined) return;
    call.ended?.('unanswered');
    this.#wire.post(cancelledText(id, reason));
  }

  /** Fails a call and tells the backend. */
  end(id: number, reason: string): void {
    this.#wire.post(cancelledText(id, reason));
    this.fail(id, { kind: 'closed', reason, delivered: true });
  }

  /** Takes a call out and fails it. The backend is not told. */
  fail(id: number, failure: CallFailure): void {
    const call = this.take(id);
    if (call !== undefined) this.#fail(call, failure);
  }

  failAll(failure: CallFailure): void {
    for (const [id] of this.#calls.entries()) this.fail(id, failure);
    this.#calls.stop();
  }

  take(id: number): Call | undefined {
    const call = this.#calls.take(id);
    if (call !== undefined) this.#release(call);
    return call;
  }

  #send(call: Call, text: string): void {
    const { id, peer, clientId } = call;
    this.#calls.set(id, call);
    if (peer !== null) {
      peer.calls.set(clientId, call);
      this.#peers.used();
      if (peer.calls.size === 1) this.#peers.busy.add(peer);
    }
    const failure = this.#wire.send(text);
    if (failure !== null) this.fail(id, failure);
  }

  #release({ peer, clientId }: Call): void {
    if (peer === null) {
      this.#own--;
      return;
    }
    peer.calls.delete(clientId);
    this.#peers.used();
    if (peer.calls.size === 0) this.#peers.busy.delete(peer);
  }

  #expire(call: Call): void {
    this.#release(call);
    this.#counters.timeouts++;
    const reason = `no answer within ${this.#limits.requestTimeoutMs} ms`;
    this.#wire.post(cancelledText(call.id, reason));
    this.#fail(call, { kind: 'timeout', reason, delivered: true });
  }

  #fail(call: Call, failure: CallFailure): void {
    call.ended?.('unanswered');
    this.#peers.guard(() => call.sink.fail(failure));
  }
}
