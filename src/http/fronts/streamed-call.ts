/** One request on the HTTP+SSE front: its outcome, and what belongs to it, goes to the session's stream. */
import type { FastifyRequest } from 'fastify';
import type { CallFailure, ReplySink } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import type { Session } from '../sessions/session.ts';
import { failureEvent } from './failure.ts';

/** Time, in ms, that a client gets to read a message in between before the result follows it. */
const HEAD_START_MS = 10;

export class StreamedCall implements ReplySink {
  readonly #session: Session;
  readonly #request: FastifyRequest;
  readonly #rpcId: RpcId;
  /** Monotonic time, in ms, of the last message in between. */
  #sentAt = Number.NEGATIVE_INFINITY;
  #settled = false;

  /** `request` is the POST, for its language and trace id. */
  constructor(session: Session, request: FastifyRequest, rpcId: RpcId) {
    this.#session = session;
    this.#request = request;
    this.#rpcId = rpcId;
  }

  message(text: string): void {
    if (this.#settled) return;
    this.#session.deliver(text);
    this.#sentAt = performance.now();
  }

  result(text: string): void {
    this.#settle(text);
  }

  fail(failure: CallFailure): void {
    if (!this.#settled) this.#settle(failureEvent(this.#request, failure, this.#rpcId));
  }

  /**
   * Delivers the one outcome, and no second one (invariant 3); a moment later where a message in between has only just
   * left. A client that reads both in one piece may drop its progress handler before it looks at the progress: the
   * reference SDK does.
   */
  #settle(text: string): void {
    if (this.#settled) return;
    this.#settled = true;
    const waitMs = this.#sentAt + HEAD_START_MS - performance.now();
    if (waitMs > 0) setTimeout(() => this.#deliver(text), waitMs);
    else this.#deliver(text);
  }

  #deliver(text: string): void {
    this.#session.deliver(text);
    this.#session.settled(this);
  }
}
