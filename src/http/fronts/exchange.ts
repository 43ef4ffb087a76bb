/**
 * One request on the Streamable HTTP front, from the lane to its reply: plain JSON when the response is the first thing
 * that comes, a stream as soon as something comes before it or the client has waited for `keepAliveMs`.
 *
 * A client that hangs up does not cancel the call (legacy revisions). What still comes is kept if the stream has begun,
 * for then the client can resume it; else it is dropped.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallFailure } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { type Outgoing, textOf } from '../../backends/rpc/plain/message.ts';
import type { Place } from '../../collections/linked-list.ts';
import type { ResumableStream } from '../sessions/resumable-stream.ts';
import type { Session, SessionSink } from '../sessions/session.ts';
import { hungUp } from './event-stream.ts';
import { failureEvent, sendFailure } from './failure.ts';
import type { FrontContext } from './front.ts';
import { noteFailure, noteOutcome } from './outcome.ts';
import type { Pulsed } from './pulse.ts';
import { openReader } from './reader.ts';
import { answerRpc } from './rpc-answer.ts';

export class Exchange implements SessionSink, Pulsed {
  callPlace: Place<SessionSink> | null = null;
  dueAt = 0;
  beatPlace: Place<Pulsed> | null = null;
  readonly #front: FrontContext;
  readonly #session: Session;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #rpcId: RpcId;
  #stream: ResumableStream | null = null;
  #settled = false;

  constructor(
    front: FrontContext,
    session: Session,
    request: FastifyRequest,
    reply: FastifyReply,
    rpcId: RpcId,
  ) {
    this.#front = front;
    this.#session = session;
    this.#request = request;
    this.#reply = reply;
    this.#rpcId = rpcId;
  }

  /** To be called once the request is forwarded: from here on the client's waiting counts. */
  wait(): void {
    if (!this.#settled && this.#stream === null) this.#front.pulse.add(this);
  }

  message(text: string): void {
    if (this.#settled || (this.#stream === null && hungUp(this.#reply))) return;
    this.#streaming().send(text);
  }

  result(text: string, failed = false): void {
    this.#answer(text, failed);
  }

  resultInPieces(pieces: readonly Buffer[], failed: boolean): void {
    this.#answer(pieces, failed);
  }

  fail(failure: CallFailure): void {
    if (!this.#settle()) return;
    noteFailure(this.#request, failure);
    if (this.#stream !== null) {
      this.#finish(this.#stream, failureEvent(this.#request, failure, this.#rpcId));
    } else if (!hungUp(this.#reply)) {
      sendFailure(this.#request, this.#reply, failure, this.#rpcId);
    }
    this.#session.settled(this);
  }

  /** The client has waited long enough to need a sign: from here on the stream's own comments give it. */
  beat(): boolean {
    if (!hungUp(this.#reply)) this.#streaming();
    return false;
  }

  #answer(message: Outgoing, failed: boolean): void {
    if (!this.#settle()) return;
    const traced = this.#request.callTrace === null ? undefined : textOf(message);
    noteOutcome(this.#request, failed ? 'error' : 'ok', traced);
    if (this.#stream !== null) this.#finish(this.#stream, textOf(message));
    else if (!hungUp(this.#reply)) answerRpc(this.#reply, message, this.#front.settings.stallMs);
    this.#session.settled(this);
  }

  #streaming(): ResumableStream {
    if (this.#stream === null) {
      this.#front.pulse.remove(this);
      this.#stream = this.#session.streams.openCall(this.#rpcId);
      this.#stream.connect(openReader(this.#front, this.#reply, this.#stream));
    }
    return this.#stream;
  }

  #finish(stream: ResumableStream, text: string): void {
    stream.finish(text);
    this.#session.streams.closeCall(stream);
  }

  /** True once, for the one outcome (invariant 3). */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#front.pulse.remove(this);
    return true;
  }
}
