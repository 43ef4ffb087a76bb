/** One request on the HTTP+SSE front: its outcome, and what belongs to it, goes to the session's stream. */

import type { FastifyRequest } from 'fastify';
import type { CallFailure } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import type { Place } from '../../collections/linked-list.ts';
import type { Session, SessionSink } from '../sessions/session.ts';
import { failureEvent } from './failure.ts';
import { noteFailure, noteOutcome } from './outcome.ts';

/** Time, in ms, that a client gets to read a call's progress before the result follows it. */
const HEAD_START_MS = 50;
const PROGRESS = '"notifications/progress"';

export class StreamedCall implements SessionSink {
  callPlace: Place<SessionSink> | null = null;
  readonly #session: Session;
  readonly #request: FastifyRequest;
  readonly #rpcId: RpcId;
  /** Monotonic time, in ms, of the last progress. */
  #progressAt = Number.NEGATIVE_INFINITY;
  #settled = false;
  /** The outcome, while it waits. */
  #waiting: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `request` is the POST, for its language and trace id. */
  constructor(session: Session, request: FastifyRequest, rpcId: RpcId) {
    this.#session = session;
    this.#request = request;
    this.#rpcId = rpcId;
  }

  message(text: string): void {
    if (this.#settled) return;
    this.#session.deliver(text);
    if (text.includes(PROGRESS)) this.#progressAt = performance.now();
  }

  result(text: string, failed = false): void {
    if (this.#settled) return;
    noteOutcome(this.#request, failed ? 'error' : 'ok', text);
    this.#settle(text);
  }

  /** An outcome that still waits leaves now: whoever fails the call looks at it no longer. */
  fail(failure: CallFailure): void {
    if (this.#waiting !== null) this.#deliver(this.#waiting);
    else if (!this.#settled) {
      noteFailure(this.#request, failure);
      this.#settle(failureEvent(this.#request, failure, this.#rpcId));
    }
  }

  /**
   * Delivers the one outcome, and no second one (invariant 3); a moment later where progress has only just left. A client
   * that reads both in one piece may drop its progress handler before it looks at the progress: the reference SDK does.
   * There is no telling when it has read, so this is as far as it goes.
   */
  #settle(text: string): void {
    this.#settled = true;
    const waitMs = this.#progressAt + HEAD_START_MS - performance.now();
    if (waitMs <= 0) this.#deliver(text);
    else {
      this.#waiting = text;
      this.#timer = setTimeout(() => this.#deliver(text), waitMs);
    }
  }

  #deliver(text: string): void {
    clearTimeout(this.#timer);
    this.#waiting = null;
    this.#session.deliver(text);
    this.#session.settled(this);
  }
}
