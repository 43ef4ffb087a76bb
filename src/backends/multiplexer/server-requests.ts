/**
 * Requests of the backend to a client (sampling, elicitation, roots). Each goes to exactly one session or is refused
 * (invariant 8), under an id of the gateway's, and only that session can answer it, once.
 */

import type { Clock } from '../clock.ts';
import { cancelledText, errorText, INVALID_REQUEST, METHOD_NOT_FOUND, resultText } from '../rpc/build.ts';
import type { RpcId, RpcRequest, RpcResponse } from '../rpc/json-rpc.ts';
import { type LocatedText, locate, splice, valueAt } from '../rpc/places.ts';
import type { CounterBook } from './counters.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { Peer, Peers } from './peers.ts';
import { readToken } from './progress-token.ts';
import type { Wire } from './wire.ts';

/** The client capability that a request needs, by the first part of its method; other methods need none. */
const CAPABILITIES: ReadonlyMap<string, string> = new Map([
  ['sampling', 'sampling'],
  ['elicitation', 'elicitation'],
  ['roots', 'roots'],
  ['tasks', 'tasks'],
]);

interface ServerRequest {
  readonly peer: Peer;
  readonly backendId: RpcId;
  /** The backend's own progress token, as JSON text. */
  readonly backendToken: string | null;
  readonly deadline: number;
}

export interface ServerRequestLimits {
  readonly requestTimeoutMs: number;
  readonly maxServerRequests: number;
  /** Told apart by both: a late answer to a request of an earlier start, or of another lane, must not answer one of this. */
  readonly generation: number;
  /** 0: the first lane. */
  readonly lane: number;
}

export class ServerRequests {
  readonly #open: ExpiringMap<string, ServerRequest>;
  readonly #wire: Wire;
  readonly #peers: Peers;
  readonly #counters: CounterBook;
  readonly #limits: ServerRequestLimits;
  readonly #prefix: string;
  #last = 0;

  constructor(wire: Wire, peers: Peers, counters: CounterBook, clock: Clock, limits: ServerRequestLimits) {
    this.#wire = wire;
    this.#peers = peers;
    this.#counters = counters;
    this.#limits = limits;
    const { generation, lane } = limits;
    this.#prefix = lane === 0 ? `evergate-${generation}` : `evergate-${generation}.${lane}`;
    this.#open = new ExpiringMap(clock, limits.requestTimeoutMs, (id, request) => this.#expire(id, request));
  }

  /** Requests that a client has not answered yet. */
  get size(): number {
    return this.#open.size;
  }

  /** A request of the backend. `ping` is answered here. */
  receive({ id: backendId, method }: RpcRequest, located: LocatedText): void {
    if (method === 'ping') {
      this.#wire.post(resultText(backendId));
      return;
    }
    const capability = CAPABILITIES.get(method.split('/', 1)[0] ?? '') ?? null;
    const peer = this.#peers.only(capability);
    if (peer === null) {
      this.#counters.dropped.noOwner++;
      this.#refuse(backendId, METHOD_NOT_FOUND, `no single client session can be meant by ${method}`);
      return;
    }
    if (this.#open.size >= this.#limits.maxServerRequests) {
      this.#refuse(backendId, INVALID_REQUEST, 'too many requests wait for an answer of a client');
      return;
    }
    const id = `${this.#prefix}-${++this.#last}`;
    const ours = JSON.stringify(id);
    const deadline = this.#open.deadline();
    this.#open.set(id, { peer, backendId, backendToken: readToken(located), deadline });
    const text = splice(located.text, [located.id, ours], [located.metaProgressToken, ours]);
    if (this.#peers.deliver(peer, text) || this.#open.take(id) === undefined) return;
    this.#refuse(backendId, INVALID_REQUEST, `the client does not listen for ${method}`);
  }

  /** A client's answer. */
  respond(peer: Peer, message: RpcResponse): void {
    const id = message.id;
    const request = this.#owned(peer, id);
    const located = request === undefined ? null : locate(message.text);
    if (request === undefined || located?.id === undefined) {
      this.#counters.dropped.unknownServerRequest++;
      return;
    }
    this.#open.take(String(id));
    this.#wire.post(splice(located.text, [located.id, JSON.stringify(request.backendId)]));
  }

  /** A client's `notifications/progress` on a request it was asked. */
  progress(peer: Peer, located: LocatedText): void {
    const request = this.#owned(peer, valueAt(located.text, located.progressToken));
    const backendToken = request?.backendToken ?? null;
    if (backendToken === null) this.#counters.dropped.unknownServerRequest++;
    else this.#wire.post(splice(located.text, [located.progressToken, backendToken]));
  }

  /** The backend's `notifications/cancelled` of a request of its own. */
  cancelled(located: LocatedText): void {
    const backendId = valueAt(located.text, located.requestId);
    for (const [id, request] of this.#open.entries()) {
      if (request.backendId !== backendId) continue;
      this.#open.take(id);
      this.#peers.deliver(request.peer, splice(located.text, [located.requestId, JSON.stringify(id)]));
      return;
    }
    this.#counters.dropped.unknownCancel++;
  }

  closePeer(peer: Peer): void {
    for (const [id, request] of this.#open.entries()) {
      if (request.peer !== peer) continue;
      this.#open.take(id);
      this.#refuse(request.backendId, INVALID_REQUEST, 'the client session has ended');
    }
  }

  /** The backend has forgotten its requests: the clients are told to forget them, too. */
  withdrawAll(reason: string): void {
    for (const [id, { peer }] of this.#open.entries()) {
      this.#open.take(id);
      this.#peers.deliver(peer, cancelledText(id, reason));
    }
  }

  /** The backend is gone: nobody waits for the answers. */
  clear(): void {
    for (const [id] of this.#open.entries()) this.#open.take(id);
    this.#open.stop();
  }

  /** The open request with that id of ours, if it is this session's to answer. */
  #owned(peer: Peer, id: unknown): ServerRequest | undefined {
    const request = typeof id === 'string' ? this.#open.get(id) : undefined;
    return request?.peer === peer ? request : undefined;
  }

  #expire(id: string, { peer, backendId }: ServerRequest): void {
    const reason = `the client did not answer within ${this.#limits.requestTimeoutMs} ms`;
    this.#refuse(backendId, INVALID_REQUEST, reason);
    this.#peers.deliver(peer, cancelledText(id, reason));
  }

  #refuse(backendId: RpcId, code: number, message: string): void {
    this.#counters.refusedServerRequests++;
    this.#wire.post(errorText(backendId, code, message));
  }
}
