/** One session's access to a lane: everything it says passes here, in its own ids. */
import type { LaneSession, ReplySink } from '../backend.ts';
import { errorText, INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND } from '../rpc/build.ts';
import type { RpcId, RpcNotification, RpcRequest, RpcResponse } from '../rpc/json-rpc.ts';
import { type LocatedText, locate, splice, valueAt } from '../rpc/places.ts';
import type { PlainPlaces } from '../rpc/plain/message.ts';
import { isRpcId } from '../rpc/text.ts';
import type { LaneParts } from './lane-parts.ts';
import type { Peer } from './peers.ts';

export class MultiplexerSession implements LaneSession {
  readonly #lane: LaneParts;
  readonly #peer: Peer;

  constructor(lane: LaneParts, peer: Peer) {
    this.#lane = lane;
    this.#peer = peer;
  }

  request(message: RpcRequest, sink: ReplySink): void {
    const failure = this.#peer.refusal ?? this.#lane.wire.lost;
    if (failure !== null) {
      sink.fail(failure);
      return;
    }
    if (message.plain !== undefined && this.#lane.modern === null) {
      this.#forwardPlain(message, message.plain, sink);
      return;
    }
    const located = message.located?.text === message.text ? message.located : locate(message.text);
    const refusal = located?.id === undefined ? MALFORMED : this.#refusal(message);
    if (located === null || refusal !== null) {
      sink.result(errorText(message.id, ...(refusal ?? MALFORMED)), true);
      return;
    }
    const { calls, subscriptions, logLevels, modern } = this.#lane;
    if (modern !== null) {
      modern.request(this.#peer, message, located, sink);
      return;
    }
    switch (message.method) {
      case 'resources/subscribe':
        subscriptions.subscribe(this.#peer, message, located, sink);
        break;
      case 'resources/unsubscribe':
        subscriptions.unsubscribe(this.#peer, message, located, sink);
        break;
      case 'logging/setLevel':
        logLevels.set(this.#peer, message, located, sink);
        break;
      default:
        calls.begin(this.#peer, message, located, sink);
    }
  }

  notify(message: RpcNotification): void {
    const { serverRequests, counters, wire, modern } = this.#lane;
    if (this.#peer.refusal !== null || message.method === 'notifications/initialized') return;
    const located = locate(message.text);
    // A backend that goes by the method alone would act on it as on a request, past the books kept here.
    if (located === null || located.id !== undefined || !message.method.startsWith('notifications/')) {
      counters.dropped.strayNotification++;
    } else if (modern !== null) modern.notify(message, located);
    else if (message.method === 'notifications/cancelled') this.#cancel(located);
    else if (message.method === 'notifications/progress') serverRequests.progress(this.#peer, located);
    else wire.post(located.text);
  }

  respond(message: RpcResponse): void {
    this.#lane.serverRequests.respond(this.#peer, message);
  }

  abandon(id: RpcId): void {
    const call = this.#peer.calls.get(id);
    if (call !== undefined) this.#lane.calls.abandon(call.id, 'the client is gone');
  }

  holdOpen(): () => void {
    const { peers } = this.#lane;
    const peer = this.#peer;
    if (peer.closed) return () => {};
    peer.holds++;
    peers.holds++;
    peers.used();
    let held = true;
    return () => {
      if (!held || peer.closed) return;
      held = false;
      peer.holds--;
      peers.holds--;
      peers.used();
    };
  }

  close(): void {
    const peer = this.#peer;
    if (peer.closed) return;
    const { peers, calls, serverRequests, subscriptions, logLevels } = this.#lane;
    peer.closed = true;
    peers.used();
    peer.refusal = { kind: 'closed', reason: 'the session has ended', delivered: false };
    peers.detach(peer);
    peers.holds -= peer.holds;
    for (const call of peer.calls.values()) calls.end(call.id, 'the session has ended');
    serverRequests.closePeer(peer);
    subscriptions.closePeer(peer);
    logLevels.closePeer(peer);
  }

  /** None of the methods that books are kept of is read that way. */
  #forwardPlain(message: RpcRequest, plain: PlainPlaces, sink: ReplySink): void {
    const refusal = this.#refusal(message);
    if (refusal !== null) sink.result(errorText(message.id, ...refusal), true);
    else this.#lane.calls.beginPlain(this.#peer, message.id, plain, sink);
  }

  /** Why a request is answered here, as code and message; null when it may pass. */
  #refusal({ id, method }: RpcRequest): readonly [number, string] | null {
    if (this.#peer.calls.has(id))
      return [INVALID_REQUEST, 'a request with this id is under way; use another id'];
    if (method === 'initialize' && this.#lane.modern === null)
      return [INTERNAL_ERROR, 'initialize is answered by the gateway, not by a lane'];
    // See `notify`: in the guise of a request, a cancellation would reach another session's call.
    if (method.startsWith('notifications/'))
      return [METHOD_NOT_FOUND, `${method} is a notification; send no id`];
    return null;
  }

  /** The client takes a request of its own back. The backend owes no answer to it any more, so it ends here. */
  #cancel(located: LocatedText): void {
    const requestId = valueAt(located.text, located.requestId);
    const call = isRpcId(requestId) ? this.#peer.calls.get(requestId) : undefined;
    if (call === undefined) {
      this.#lane.counters.dropped.unknownCancel++;
      return;
    }
    this.#lane.wire.post(splice(located.text, [located.requestId, String(call.id)]));
    const reason = 'the client cancelled the request';
    this.#lane.calls.giveUp(call.id, { kind: 'closed', reason, delivered: true });
  }
}

const MALFORMED = [INVALID_REQUEST, 'the request cannot be read in one way'] as const;
