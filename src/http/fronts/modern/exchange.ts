/**
 * One request of the modern era, from the lane to its reply: plain JSON when the response is the first thing that comes, a
 * stream as soon as something comes before it or the client has waited for `keepAliveMs`. Nothing is kept beyond it, and a
 * client that hangs up cancels it (2026-07-28, "Cancellation").
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallFailure, Lane, LaneSession, ReplySink } from '../../../backends/backend.ts';
import { METHOD_NOT_FOUND } from '../../../backends/rpc/build.ts';
import type { RpcRequest } from '../../../backends/rpc/json-rpc.ts';
import { subscriptionEndedText } from '../../../backends/rpc/meta.ts';
import { LISTEN } from '../../../backends/rpc/methods.ts';
import {
  HEADER_MISMATCH,
  MISSING_CAPABILITY,
  UNSUPPORTED_VERSION,
} from '../../../backends/rpc/modern-errors.ts';
import { readErrorCode } from '../../../backends/rpc/places.ts';
import type { Place } from '../../../collections/linked-list.ts';
import type { CallOutcome } from '../../../metrics/request-meters.ts';
import { endWithToken } from '../../auth/expiries.ts';
import { EventStream, hungUp } from '../event-stream.ts';
import { failureEvent, sendFailure } from '../failure.ts';
import type { FrontContext, Visit } from '../front.ts';
import { noteFailure, noteOutcome } from '../outcome.ts';
import type { Pulsed } from '../pulse.ts';
import { answerRpc } from '../rpc-answer.ts';
import { agreesToTell, subscribedText } from '../tool-news.ts';
import { traced } from '../trace.ts';

/** Errors whose HTTP status is prescribed; all others are answers like any, with 200. */
const STATUS: ReadonlyMap<number | null, number> = new Map([
  [METHOD_NOT_FOUND, 404],
  [HEADER_MISMATCH, 400],
  [MISSING_CAPABILITY, 400],
  [UNSUPPORTED_VERSION, 400],
]);

export class ModernExchange implements ReplySink, Pulsed {
  dueAt = 0;
  beatPlace: Place<Pulsed> | null = null;
  readonly #front: FrontContext;
  readonly #serviceId: string;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #message: RpcRequest;
  readonly #onSettled: () => void;
  #session: LaneSession | null = null;
  #stream: EventStream | null = null;
  #settled = false;
  /** A subscription whose client may be told that the tools are others. */
  #hearsOfTools = false;

  /** `onSettled` is called once, when nothing more will be sent. */
  constructor(
    front: FrontContext,
    { request, reply, serviceId }: Pick<Visit, 'request' | 'reply' | 'serviceId'>,
    message: RpcRequest,
    onSettled: () => void,
  ) {
    this.#front = front;
    this.#serviceId = serviceId;
    this.#request = request;
    this.#reply = reply;
    this.#message = message;
    this.#onSettled = onSettled;
  }

  /** Forwards the request; call it once. */
  begin(lane: Lane): void {
    const session = lane.open({ id: this.#request.id, capabilities: {}, deliver: () => false });
    this.#session = session;
    this.#reply.raw.once('close', () => this.#cancel());
    if (this.#message.method === LISTEN) endWithToken(this.#request, () => this.drain());
    session.request(traced(this.#request, lane, this.#message), this);
    if (this.#settled) session.close();
    else if (this.#stream === null) this.#front.pulse.add(this);
  }

  message(text: string): void {
    if (this.#settled || hungUp(this.#reply)) return;
    if (this.#message.method === LISTEN && !this.#hearsOfTools) this.#hearsOfTools = agreesToTell(text);
    this.#streaming().send(text);
  }

  /** The tools of a service are others. */
  tellOfTools(serviceId: string): void {
    if (this.#hearsOfTools && serviceId === this.#serviceId) this.message(subscribedText(this.#message.id));
  }

  result(text: string, failed = false): void {
    if (this.#settled) return;
    this.#note(failed ? 'error' : 'ok', text);
    if (this.#stream !== null) this.#stream.send(text);
    else if (!hungUp(this.#reply)) {
      const status = STATUS.get(readErrorCode(text)) ?? 200;
      answerRpc(this.#reply, text, this.#front.settings.stallMs, status);
    }
    this.#settle();
  }

  fail(failure: CallFailure): void {
    if (this.#settled) return;
    if (this.#message.method !== LISTEN) noteFailure(this.#request, failure);
    const { id } = this.#message;
    if (this.#stream !== null) this.#stream.send(failureEvent(this.#request, failure, id));
    else if (!hungUp(this.#reply)) sendFailure(this.#request, this.#reply, failure, id);
    this.#settle();
  }

  /** The gateway is closing: a subscription, which would hold the connection open, ends ("Graceful Closure"). */
  drain(): void {
    const { method, id } = this.#message;
    if (method !== LISTEN || this.#settled) return;
    this.#session?.abandon(id);
    this.result(subscriptionEndedText(id));
  }

  /** The client has waited long enough to need a sign: from here on the stream's own comments give it. */
  beat(): boolean {
    if (!hungUp(this.#reply)) this.#streaming();
    return false;
  }

  #cancel(): void {
    if (this.#settled) return;
    this.#note('cancelled');
    this.#session?.abandon(this.#message.id);
    this.#settle();
  }

  /** A subscription is no call: it lasts as long as its client likes. */
  #note(outcome: CallOutcome, text?: string): void {
    if (this.#message.method !== LISTEN) noteOutcome(this.#request, outcome, text);
  }

  #streaming(): EventStream {
    if (this.#stream === null) {
      this.#front.pulse.remove(this);
      this.#stream = new EventStream(this.#reply, this.#front.pulse, this.#front.settings);
    }
    return this.#stream;
  }

  /** For the one outcome (invariant 3). */
  #settle(): void {
    this.#settled = true;
    this.#front.pulse.remove(this);
    this.#stream?.end();
    this.#session?.close();
    this.#onSettled();
  }
}
