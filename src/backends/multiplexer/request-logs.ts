/**
 * Log messages of the modern era. Each belongs to the request that asked for them (2026-07-28, "Requesting Log Messages"),
 * but on a shared pipe does not say to which, so it is delivered only as long as a single one can be meant (invariant 8).
 */
import type { ReplySink } from '../backend.ts';
import type { RpcRequest } from '../rpc/json-rpc.ts';
import { type LocatedText, valueAt } from '../rpc/places.ts';
import type { Calls } from './calls.ts';
import type { CounterBook } from './counters.ts';
import { levelIndex } from './log-levels.ts';
import type { Peer, Peers } from './peers.ts';

/** A request that asked for log messages. */
interface Asking {
  readonly sink: ReplySink;
  /** Index of the least severe level it wants. */
  readonly least: number;
  /** It ended without an answer: what the backend still logs for it may yet arrive. */
  gone: boolean;
}

export class RequestLogs {
  readonly #asking = new Set<Asking>();
  readonly #calls: Calls;
  readonly #peers: Peers;
  readonly #counters: CounterBook;
  #fenced = false;

  constructor(calls: Calls, peers: Peers, counters: CounterBook) {
    this.#calls = calls;
    this.#peers = peers;
    this.#counters = counters;
  }

  /** Sends a session's request; as `Calls.begin`. */
  begin(peer: Peer, message: RpcRequest, located: LocatedText, sink: ReplySink): void {
    const least = levelIndex(valueAt(located.text, located.metaLogLevel));
    if (least === -1) {
      this.#calls.begin(peer, message, located, sink);
      return;
    }
    const asking: Asking = { sink, least, gone: false };
    this.#asking.add(asking);
    this.#calls.begin(peer, message, located, sink, ending => {
      if (ending !== 'unanswered') this.#asking.delete(asking);
      else {
        asking.gone = true;
        this.#fence();
      }
    });
  }

  /** A `notifications/message` of the backend. */
  deliver(located: LocatedText): void {
    const [asking, other] = this.#asking;
    if (asking === undefined || other !== undefined || asking.gone) this.#counters.dropped.noOwner++;
    else if (levelIndex(valueAt(located.text, located.level)) < asking.least) {
      this.#counters.dropped.belowLevel++;
    } else this.#peers.guard(() => asking.sink.message(located.text));
  }

  /** A backend sends nothing for a request after it has read its cancellation: with the answer to a later one, that is past. */
  #fence(): void {
    if (this.#fenced) return;
    this.#fenced = true;
    const before = [...this.#asking].filter(({ gone }) => gone);
    const past = () => {
      this.#fenced = false;
      for (const asking of before) this.#asking.delete(asking);
    };
    const passed = () => {
      past();
      if ([...this.#asking].some(({ gone }) => gone)) this.#fence();
    };
    this.#calls.beginOwn('server/discover', {}, { message() {}, result: passed, fail: past });
  }
}
