/**
 * What differs on a lane of the modern era (2026-07-28): requests are stateless, so nothing is kept beyond them; what the
 * backend says belongs to one request by its id, its progress token or its subscription, or to nobody. The era has no
 * requests of a server, and no subscriptions and log levels of a session.
 */
import type { ReplySink } from '../backend.ts';
import type { RpcNotification, RpcRequest } from '../rpc/json-rpc.ts';
import { subscriptionEndedText } from '../rpc/meta.ts';
import { LISTEN, TOOLS_CHANGED } from '../rpc/methods.ts';
import { type LocatedText, splice, valueAt } from '../rpc/places.ts';
import { type Calls, NOBODY } from './calls.ts';
import type { CounterBook } from './counters.ts';
import type { CallUnderWay, Peer, Peers } from './peers.ts';
import { RequestLogs } from './request-logs.ts';
import type { Wire } from './wire.ts';

export interface ModernParts {
  readonly wire: Wire;
  readonly peers: Peers;
  readonly calls: Calls;
  readonly counters: CounterBook;
}

export class ModernRules {
  readonly #lane: ModernParts;
  readonly #logs: RequestLogs;

  constructor(lane: ModernParts) {
    this.#lane = lane;
    this.#logs = new RequestLogs(lane.calls, lane.peers, lane.counters);
  }

  /** Asks the backend to tell when its tools change; `changed` is called each time. It may decline. */
  watchTools(changed: () => void): void {
    const sink: ReplySink = {
      ...NOBODY,
      message: text => {
        const { method }: { readonly method?: unknown } = JSON.parse(text);
        if (method === TOOLS_CHANGED) changed();
      },
    };
    this.#lane.calls.beginOwn(LISTEN, { notifications: { toolsListChanged: true } }, sink, true);
  }

  /** A client's request. */
  request(peer: Peer, message: RpcRequest, located: LocatedText, sink: ReplySink): void {
    if (message.method === LISTEN) this.#lane.calls.listen(peer, message, located, sink);
    else this.#logs.begin(peer, message, located, sink);
  }

  /**
   * A client's notification. One without a protocol version of its own is dropped: a backend of both eras could take it
   * for the beginning of a legacy session. So is a cancellation, for which the client closes the response stream.
   */
  notify({ method }: RpcNotification, located: LocatedText): void {
    const { counters, wire } = this.#lane;
    if (method === 'notifications/cancelled') counters.dropped.unknownCancel++;
    else if (located.metaVersion === undefined || method === 'notifications/progress')
      counters.dropped.strayNotification++;
    else wire.post(located.text);
  }

  /** A notification of the backend. */
  notified({ method }: RpcNotification, located: LocatedText): void {
    const { calls, counters } = this.#lane;
    if (method === 'notifications/progress') calls.answers.progress(located);
    else if (method === 'notifications/cancelled') this.#cancelled(located);
    else if (located.metaSubscriptionId !== undefined) this.#subscribed(located);
    else if (method === 'notifications/message') this.#logs.deliver(located);
    else counters.dropped.noOwner++;
  }

  #subscribed(located: LocatedText): void {
    const call = this.#listening(valueAt(located.text, located.metaSubscriptionId));
    if (call === undefined) {
      this.#lane.counters.dropped.notSubscribed++;
      return;
    }
    const text = splice(located.text, [located.metaSubscriptionId, JSON.stringify(call.clientId)]);
    this.#lane.peers.guard(() => call.sink.message(text));
  }

  /** The backend ends a subscription. Its stream is told by the result that says so ("Graceful Closure"). */
  #cancelled(located: LocatedText): void {
    const call = this.#listening(valueAt(located.text, located.requestId));
    if (call === undefined) {
      this.#lane.counters.dropped.unknownCancel++;
      return;
    }
    this.#lane.calls.take(call.id);
    this.#lane.peers.guard(() => call.sink.result(subscriptionEndedText(call.clientId)));
  }

  #listening(id: unknown): CallUnderWay | undefined {
    const call = this.#lane.calls.find(id);
    return call?.listens === true ? call : undefined;
  }
}
