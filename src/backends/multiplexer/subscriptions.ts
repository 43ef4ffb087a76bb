/**
 * `resources/subscribe`, counted per URI: the backend hears of the first subscriber and of the last one's leaving;
 * `notifications/resources/updated` goes to subscribers only (invariant 8).
 */
import type { CallFailure, ReplySink } from '../backend.ts';
import { errorText, INVALID_PARAMS, resultText } from '../rpc/build.ts';
import type { RpcRequest } from '../rpc/json-rpc.ts';
import { type LocatedText, valueAt } from '../rpc/places.ts';
import type { Ending } from './call-book.ts';
import { type Calls, NOBODY } from './calls.ts';
import type { CounterBook } from './counters.ts';
import type { Peer, Peers } from './peers.ts';

/** Longest URI that can be subscribed to, in UTF-16 units; URIs are kept as long as the subscription. */
const MAX_URI_LENGTH = 8192;

/** One session's part in a subscription; a client that tries again may have several attempts under way. */
interface Holding {
  pending: number;
  accepted: boolean;
}

interface Subscription {
  readonly peers: Map<Peer, Holding>;
  /** The backend has accepted one, so that further ones need not ask it. */
  accepted: boolean;
}

export class Subscriptions {
  readonly #byUri = new Map<string, Subscription>();
  /** The URIs of each session that has any. */
  readonly #byPeer = new Map<Peer, Set<string>>();
  readonly #calls: Calls;
  readonly #peers: Peers;
  readonly #counters: CounterBook;
  readonly #limit: number;
  #count = 0;

  constructor(calls: Calls, peers: Peers, counters: CounterBook, limit: number) {
    this.#calls = calls;
    this.#peers = peers;
    this.#counters = counters;
    this.#limit = limit;
  }

  /** Subscriptions of all sessions together. */
  get count(): number {
    return this.#count;
  }

  subscribe(peer: Peer, message: RpcRequest, located: LocatedText, sink: ReplySink): void {
    const uri = readUri(located);
    if (uri === null) {
      refuseUri(message, sink);
      return;
    }
    if (this.#byUri.get(uri)?.peers.has(peer) !== true && this.#count >= this.#limit) {
      const reason = `${this.#limit} subscriptions are held on this backend; give some up first`;
      sink.fail({ kind: 'overloaded', reason, delivered: false });
      return;
    }
    const { subscription, holding } = this.#join(peer, uri);
    if (subscription.accepted) {
      holding.accepted = true;
      sink.result(resultText(message.id));
      return;
    }
    holding.pending++;
    this.#calls.begin(peer, message, located, sink, ending => {
      holding.pending--;
      if (ending === 'answered') {
        subscription.accepted = true;
        holding.accepted = true;
      } else if (!holding.accepted && holding.pending === 0 && subscription.peers.get(peer) === holding) {
        this.#failed(peer, uri, ending);
      }
    });
  }

  /** Only the last subscriber's leaving reaches the backend; it must not end another's subscription. */
  unsubscribe(peer: Peer, message: RpcRequest, located: LocatedText, sink: ReplySink): void {
    const uri = readUri(located);
    if (uri === null) {
      refuseUri(message, sink);
      return;
    }
    this.#leave(peer, uri);
    if (this.#byUri.has(uri)) {
      sink.result(resultText(message.id));
      return;
    }
    this.#calls.begin(peer, message, located, sink);
  }

  /** A `notifications/resources/updated` of the backend. */
  updated(located: LocatedText): void {
    const uri = valueAt(located.text, located.uri);
    const subscription = typeof uri === 'string' ? this.#byUri.get(uri) : undefined;
    if (subscription === undefined) {
      this.#counters.dropped.notSubscribed++;
      return;
    }
    for (const peer of [...subscription.peers.keys()]) this.#peers.deliverOutside(peer, located.text);
  }

  /** The backend has forgotten all subscriptions: it is asked for them again, one after the other. */
  renew(): void {
    const uris = [...this.#byUri].filter(([, { accepted }]) => accepted).map(([uri]) => uri);
    const next = () => {
      const uri = uris.shift();
      if (uri === undefined) return;
      const sink = {
        message() {},
        result: next,
        fail: ({ kind }: CallFailure) => {
          // The others would fail at once, too.
          if (kind !== 'lost' && kind !== 'overloaded') next();
        },
      };
      this.#calls.beginOwn('resources/subscribe', { uri }, sink);
    };
    next();
  }

  closePeer(peer: Peer): void {
    for (const uri of [...(this.#byPeer.get(peer) ?? [])]) this.#release(peer, uri);
  }

  #join(peer: Peer, uri: string): { readonly subscription: Subscription; readonly holding: Holding } {
    const subscription = this.#byUri.get(uri) ?? { peers: new Map<Peer, Holding>(), accepted: false };
    this.#byUri.set(uri, subscription);
    const held = subscription.peers.get(peer);
    if (held !== undefined) return { subscription, holding: held };
    const holding = { pending: 0, accepted: false };
    subscription.peers.set(peer, holding);
    const uris = this.#byPeer.get(peer) ?? new Set();
    this.#byPeer.set(peer, uris.add(uri));
    this.#count++;
    return { subscription, holding };
  }

  #failed(peer: Peer, uri: string, ending: Ending): void {
    if (ending === 'refused') this.#leave(peer, uri);
    else this.#release(peer, uri);
  }

  #leave(peer: Peer, uri: string): void {
    const subscription = this.#byUri.get(uri);
    if (subscription?.peers.delete(peer) !== true) return;
    const uris = this.#byPeer.get(peer);
    uris?.delete(uri);
    if (uris?.size === 0) this.#byPeer.delete(peer);
    this.#count--;
    if (subscription.peers.size === 0) this.#byUri.delete(uri);
  }

  /** Leaves, and unsubscribes for whoever cannot do so any more. */
  #release(peer: Peer, uri: string): void {
    this.#leave(peer, uri);
    if (!this.#byUri.has(uri)) this.#calls.beginOwn('resources/unsubscribe', { uri }, NOBODY);
  }
}

function readUri(located: LocatedText): string | null {
  const uri = valueAt(located.text, located.uri);
  return typeof uri === 'string' && uri.length <= MAX_URI_LENGTH ? uri : null;
}

function refuseUri(message: RpcRequest, sink: ReplySink): void {
  const fault = `"params.uri" must be a string of at most ${MAX_URI_LENGTH} characters`;
  sink.result(errorText(message.id, INVALID_PARAMS, fault), true);
}
