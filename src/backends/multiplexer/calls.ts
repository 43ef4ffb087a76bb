/**
 * Requests under way on a lane. Towards the backend each has an integer of its own, which is its id and its progress
 * token; whatever comes back under that integer goes to that call's sink and nowhere else (invariant 8). A call is taken
 * out before its sink hears of its end, so it has one outcome (invariant 3).
 */
import type { JsonObject } from '../../store/event-log.ts';
import type { CallFailure, ReplySink } from '../backend.ts';
import type { Clock } from '../clock.ts';
import { cancelledText, requestText } from '../rpc/build.ts';
import type { RpcId, RpcRequest } from '../rpc/json-rpc.ts';
import { type Edit, type LocatedText, splice } from '../rpc/places.ts';
import { type Outgoing, type PlainPlaces, tokenText, withId } from '../rpc/plain/message.ts';
import { Answers } from './answers.ts';
import { type Call, CallBook } from './call-book.ts';
import type { CounterBook } from './counters.ts';
import type { MultiplexerLimits } from './limits.ts';
import type { CallUnderWay, Peer, Peers } from './peers.ts';
import { readToken } from './progress-token.ts';
import type { Wire } from './wire.ts';

/** 1 is the id of the handshake. */
const FIRST_ID = 2;

const NO_EDIT: Edit = [undefined, ''];

/** For requests of the gateway's own whose answer nobody waits for. */
export const NOBODY: ReplySink = { message() {}, result() {}, fail() {} };

type CallLimits = Pick<MultiplexerLimits, 'requestTimeoutMs' | 'maxInFlight' | 'maxSubscriptions'>;

/** What a session's request is known by. */
type CallersMessage = Pick<RpcRequest, 'id' | 'mirrored'>;

export class Calls {
  /** What becomes of what the backend says of them. */
  readonly answers: Answers;
  readonly #book: CallBook;
  readonly #wire: Wire;
  readonly #peers: Peers;
  readonly #counters: CounterBook;
  readonly #limits: CallLimits;
  readonly #ownMeta: JsonObject | null;
  #nextId = FIRST_ID;

  /** `ownMeta`: the `_meta` of every message that the gateway itself writes; null: none (legacy era). */
  constructor(
    wire: Wire,
    peers: Peers,
    counters: CounterBook,
    clock: Clock,
    limits: CallLimits,
    ownMeta: JsonObject | null = null,
  ) {
    this.#ownMeta = ownMeta;
    this.#wire = wire;
    this.#peers = peers;
    this.#counters = counters;
    this.#limits = limits;
    // Progress does not prolong a call: its deadline holds whatever the backend sends (invariant 3).
    this.#book = new CallBook(clock, limits.requestTimeoutMs, call => this.#expire(call));
    this.answers = new Answers(this, this.#book, peers, counters);
  }

  /** Calls of sessions under way; the gateway's own do not count. */
  get size(): number {
    return this.#book.size;
  }

  /** Those of them with a deadline: `subscriptions/listen` has none. */
  get inFlight(): number {
    return this.#book.inFlight;
  }

  /** Sends a session's request. `edit` replaces one more value in it. Its failure, too, is told to the sink. */
  begin(
    peer: Peer,
    message: CallersMessage,
    located: LocatedText,
    sink: ReplySink,
    ended: Call['ended'] = null,
    edit: Edit = NO_EDIT,
  ): void {
    if (!this.#hasRoom(sink, ended)) return;
    const call = this.#newCall(peer, message.id, readToken(located), sink, ended, false);
    this.#forward(call, message, located, edit);
  }

  /** As `begin`, for a request that was read in its bytes. */
  beginPlain(peer: Peer, id: RpcId, plain: PlainPlaces, sink: ReplySink): void {
    if (!this.#hasRoom(sink, null)) return;
    const call = this.#newCall(peer, id, tokenText(plain), sink, null, false);
    this.#send(call, withId(plain, String(call.id)));
  }

  /** Sends a session's `subscriptions/listen`, which has no time limit. Its failure, too, is told to the sink. */
  listen(peer: Peer, message: CallersMessage, located: LocatedText, sink: ReplySink): void {
    if (this.#book.listening >= this.#limits.maxSubscriptions) {
      const reason = `${this.#limits.maxSubscriptions} subscriptions are held on this backend; give some up first`;
      sink.fail({ kind: 'overloaded', reason, delivered: false });
    } else {
      const call = this.#newCall(peer, message.id, readToken(located), sink, null, true);
      this.#forward(call, message, located, NO_EDIT);
    }
  }

  /** Sends a request of the gateway's own; `listens`: it has no time limit. Returns the call's id. */
  beginOwn(method: string, params: JsonObject, sink: ReplySink, listens = false): number {
    const id = this.#nextId++;
    const deadline = this.#book.deadline();
    const call = { id, peer: null, clientId: id, clientToken: null, sink, ended: null, listens, deadline };
    const own = this.#ownMeta === null ? params : { ...params, _meta: this.#ownMeta };
    this.#send(call, requestText(id, method, own));
    return id;
  }

  /** The call under way that has this id towards the backend. */
  find(id: unknown): CallUnderWay | undefined {
    return typeof id === 'number' ? this.#book.get(id) : undefined;
  }

  /** Forgets a call and tells the backend; its sink hears nothing more. Its later answer is dropped. */
  abandon(id: number, reason: string): void {
    const call = this.take(id);
    if (call === undefined) return;
    this.#postCancel(id, reason);
    this.#leaveBehind(call);
    call.ended?.('unanswered');
  }

  /** Fails a call and tells the backend. */
  end(id: number, reason: string): void {
    this.#postCancel(id, reason);
    this.giveUp(id, { kind: 'closed', reason, delivered: true });
  }

  /** Fails a call that the backend may go on with. It is not told. */
  giveUp(id: number, failure: CallFailure): void {
    const call = this.take(id);
    if (call === undefined) return;
    this.#leaveBehind(call);
    this.failTaken(call, failure);
  }

  /** Fails a call that the backend has nothing to do with, or no longer. */
  fail(id: number, failure: CallFailure): void {
    const call = this.take(id);
    if (call !== undefined) this.failTaken(call, failure);
  }

  /** Fails a call that was taken out. */
  failTaken(call: Call, failure: CallFailure): void {
    call.ended?.('unanswered');
    this.#peers.guard(() => call.sink.fail(failure));
  }

  failAll(failure: CallFailure): void {
    for (const id of this.#book.ids()) this.fail(id, failure);
    this.#book.stop();
    this.#peers.stragglers.stop();
  }

  take(id: number): Call | undefined {
    const call = this.#book.take(id);
    if (call !== undefined) this.#release(call);
    return call;
  }

  /** Whether one more call may be under way; if not, the sink is told. */
  #hasRoom(sink: ReplySink, ended: Call['ended']): boolean {
    if (this.size < this.#limits.maxInFlight) return true;
    ended?.('unanswered');
    const reason = `${this.#limits.maxInFlight} calls are under way on this backend; try again later`;
    sink.fail({ kind: 'overloaded', reason, delivered: false });
    return false;
  }

  /** On the way of every call, so all of them have one shape. */
  #newCall(
    peer: Peer,
    clientId: RpcId,
    clientToken: string | null,
    sink: ReplySink,
    ended: Call['ended'],
    listens: boolean,
  ): Call {
    const deadline = this.#book.deadline();
    return { id: this.#nextId++, peer, clientId, clientToken, sink, ended, listens, deadline };
  }

  #forward(call: Call, { mirrored }: CallersMessage, located: LocatedText, edit: Edit): void {
    const ours = String(call.id);
    const text = splice(located.text, [located.id, ours], [located.metaProgressToken, ours], edit);
    this.#send(call, text, mirrored);
  }

  #postCancel(id: number, reason: string): void {
    this.#wire.post(cancelledText(id, reason, this.#ownMeta));
  }

  #send(call: Call, message: Outgoing, headers?: CallersMessage['mirrored']): void {
    const { id, peer, clientId } = call;
    this.#book.add(call);
    if (peer !== null) this.#peers.begun(peer, clientId, call);
    const failure = this.#wire.send(message, headers);
    if (failure !== null) this.fail(id, failure);
  }

  #release({ peer, clientId }: Call): void {
    if (peer !== null) this.#peers.over(peer, clientId);
  }

  /** In the modern era nothing is told by session: what belongs to requests is looked after by `RequestLogs`. */
  #leaveBehind(call: Call): void {
    if (this.#ownMeta === null) this.#peers.stragglers.add(call);
  }

  #expire(call: Call): void {
    this.#release(call);
    this.#counters.timeouts++;
    const reason = `no answer within ${this.#limits.requestTimeoutMs} ms`;
    this.#postCancel(call.id, reason);
    this.#leaveBehind(call);
    this.failTaken(call, { kind: 'timeout', reason, delivered: true });
  }
}
