/** One request on the HTTP+SSE front: its outcome, and what belongs to it, goes to the session's stream. */
import type { FastifyRequest } from 'fastify';
import type { CallFailure, ReplySink } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import type { Session } from '../sessions/session.ts';
import { failureEvent } from './failure.ts';

export class StreamedCall implements ReplySink {
  readonly #session: Session;
  readonly #request: FastifyRequest;
  readonly #rpcId: RpcId;
  #settled = false;

  /** `request` is the POST, for its language and trace id. */
  constructor(session: Session, request: FastifyRequest, rpcId: RpcId) {
    this.#session = session;
    this.#request = request;
    this.#rpcId = rpcId;
  }

  message(text: string): void {
    if (!this.#settled) this.#session.deliver(text);
  }

  result(text: string): void {
    this.#settle(text);
  }

  fail(failure: CallFailure): void {
    if (!this.#settled) this.#settle(failureEvent(this.#request, failure, this.#rpcId));
  }

  /** Delivers the one outcome, and no second one (invariant 3). */
  #settle(text: string): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#session.deliver(text);
    this.#session.settled(this);
  }
}
