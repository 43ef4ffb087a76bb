/**
 * Lets any number of sessions share one backend connection (invariants 3, 8, 10). This room opens sessions and routes
 * what the backend says; the books are kept next door: calls, subscriptions, log levels, requests and news of the backend.
 */
import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../../store/event-log.ts';
import { ask } from '../ask.ts';
import type { CallFailure, LaneSession, LossReason, SessionPort } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { RpcError, RpcId } from '../rpc/json-rpc.ts';
import { readPlainResponse } from '../rpc/plain/read.ts';
import { NotJsonRpc, type ParsedMessage, parseMessage } from '../rpc/text.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import { type CounterBook, type Counters, createCounters } from './counters.ts';
import { createLaneParts, type LaneParts } from './lane-parts.ts';
import { DEFAULT_LIMITS, type MultiplexerLimits } from './limits.ts';
import { Notifications } from './notifications.ts';
import { type OnFault, Peer } from './peers.ts';
import { MultiplexerSession } from './session.ts';
import { ToolChanges } from './tool-changes.ts';

export interface MultiplexerOptions {
  readonly transport: Transport;
  readonly generation: number;
  /** See `LaunchRequest.lane`. */
  readonly lane?: number;
  readonly clock: Clock;
  /** Hears of an exception in a session's callback; other sessions are not touched by it. */
  readonly onFault: OnFault;
  readonly limits?: Partial<MultiplexerLimits>;
  /** Where to count, together with other lanes; absent: by itself. */
  readonly counters?: CounterBook;
  /** The `_meta` of the gateway's own messages on a lane of the modern era; absent: the lane is of the legacy era. */
  readonly ownMeta?: JsonObject;
}

export class Multiplexer implements TransportEvents {
  readonly #counters: CounterBook;
  readonly #clock: Clock;
  readonly #limits: MultiplexerLimits;
  readonly #lane: LaneParts;
  readonly #notifications: Notifications;
  #lastMessageAt: number;
  #messages = 0;
  /** What is known of changes of the backend's list of tools. */
  readonly tools = new ToolChanges();

  constructor(options: MultiplexerOptions) {
    const { transport, generation, lane = 0, clock, onFault, ownMeta } = options;
    const { counters = createCounters() } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const given = { transport, generation, lane, clock, onFault, limits, counters, ownMeta };
    this.#counters = counters;
    this.#clock = clock;
    this.#limits = limits;
    this.#lastMessageAt = clock.now();
    this.#lane = createLaneParts(given);
    this.#notifications = new Notifications(this.#lane, this.tools);
  }

  get counters(): Counters {
    return this.#counters;
  }

  /** Clock time in ms of the last message of the backend; at first, of the handshake. */
  get lastMessageAt(): number {
    return this.#lastMessageAt;
  }

  /** Messages of the backend so far. */
  get messages(): number {
    return this.#messages;
  }

  /** Asks a backend of the modern era to tell when its tools change; a legacy one does so unasked. */
  watchTools(): void {
    this.#lane.modern?.watchTools(() => this.tools.changed(true));
  }

  /** See `Lane.lastUsedAt`. */
  get lastUsedAt(): number {
    return this.#lane.peers.lastUsedAt;
  }

  /** See `Lane.inFlight`. */
  get inFlight(): number {
    return this.#lane.calls.inFlight;
  }

  /** See `Lane.load`. */
  get load(): number {
    const { calls, peers, subscriptions, serverRequests } = this.#lane;
    return calls.size + peers.holds + subscriptions.count + serverRequests.size;
  }

  /** See `Lane.openSessions`. */
  get openSessions(): number {
    return this.#lane.peers.attached.size;
  }

  open(session: SessionPort): LaneSession {
    const { peers } = this.#lane;
    const peer = new Peer(session);
    peers.used();
    if (peers.attached.size < this.#limits.maxSessions) peers.attach(peer);
    else {
      const reason = `${this.#limits.maxSessions} sessions are attached to this backend; close some first`;
      peer.refusal = { kind: 'overloaded', reason, delivered: false };
    }
    return new MultiplexerSession(this.#lane, peer);
  }

  /** See `Lane.ask`; the calls' own timeout holds, too. @throws {AskFailure} */
  ask(
    method: string,
    params: JsonObject,
    timeoutMs: number,
  ): Promise<{ result?: unknown; error?: RpcError }> {
    return ask(this.#lane.calls, this.#clock, { method, params, timeoutMs });
  }

  /** The backend is gone: every call fails, once; nothing can be sent any more. Idempotent. */
  lose({ message }: Pick<LossReason, 'message'>): void {
    const { wire, calls, serverRequests } = this.#lane;
    wire.lose(message);
    calls.failAll({ kind: 'lost', reason: message, delivered: true });
    serverRequests.clear();
  }

  onMessage(text: string): void {
    const parsed = this.#parse(text);
    if (parsed === null) return;
    this.#alive();
    const { calls, serverRequests, modern } = this.#lane;
    if (parsed.message.kind === 'response') calls.answers.answer(parsed);
    // Not refused either: the era has no responses of a client.
    else if (parsed.message.kind === 'request' && modern !== null) this.#counters.dropped.noOwner++;
    else if (parsed.message.kind === 'request') serverRequests.receive(parsed.message, parsed.located);
    else this.#notifications.receive(parsed.message, parsed.located);
  }

  /** Takes answers to calls, which are most of what a backend says, without decoding them. */
  onBytes(bytes: Buffer): boolean {
    const response = isUtf8(bytes) ? readPlainResponse(bytes) : null;
    if (response === null) return false;
    this.#alive();
    this.#lane.calls.answers.answerPlain(response);
    return true;
  }

  onOversized(bytes: number, head: string, tail: string): void {
    this.#alive();
    this.#lane.calls.answers.oversized(bytes, head, tail);
  }

  onFailed(id: RpcId | null, failure: CallFailure): void {
    if (id === null) this.#counters.dropped.notSent++;
    else if (typeof id !== 'number') return;
    else if (failure.kind === 'lost' && failure.delivered) this.#lane.calls.giveUp(id, failure);
    else this.#lane.calls.fail(id, failure);
  }

  onRenewed(): void {
    const { subscriptions, logLevels, serverRequests, peers } = this.#lane;
    peers.stragglers.clear();
    serverRequests.withdrawAll('the backend began a new session');
    logLevels.renew();
    subscriptions.renew();
    this.tools.changed(false);
  }

  /** Bytes are no sign of life once the handshake is done; messages are. */
  onActivity(): void {}

  #alive(): void {
    this.#lastMessageAt = this.#clock.now();
    this.#messages++;
  }

  #parse(text: string): ParsedMessage | null {
    try {
      return parseMessage(text);
    } catch (error) {
      if (!(error instanceof NotJsonRpc)) throw error;
      this.#counters.dropped.notJsonRpc++;
      return null;
    }
  }
}
