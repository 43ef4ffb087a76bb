/** A session over Streamable HTTP (specification, "Streamable HTTP"): a POST per message, its answer as JSON or a stream. */
import type { RpcId } from '../rpc/json-rpc.ts';
import { readAnswer, readRefusal } from './answers.ts';
import type { RemoteReply } from './http-client.ts';
import { modernHeaders, traceHeaders } from './message-headers.ts';
import type { Outgoing } from './outgoing.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { RemoteSession, SessionEvents, SessionOptions } from './remote-session.ts';
import { keepStandingStream } from './standing-stream.ts';
import { statusFailure } from './status-failure.ts';

/** Visible ASCII, as the specification asks, and of a bounded length. */
const SESSION_ID = /^[\x21-\x7e]{1,4096}$/;
/** How long the remote may take for the DELETE of its session, in ms. */
const END_TIMEOUT_MS = 2_000;

/** A request of which the remote may still bring the answer. */
interface UnderWay {
  readonly message: Outgoing;
  readonly stop: AbortController;
  /** The head of its answer is there. */
  taken: boolean;
}

export class StreamableSession implements RemoteSession {
  protocolVersion: string | null = null;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #underWay = new Map<RpcId, UnderWay>();
  readonly #over = new AbortController();
  #connections = 0;
  #sessionId: string | null = null;
  #dropped: string | null = null;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
  }

  get connections(): number {
    return this.#connections;
  }

  /** There is nothing to open: the first POST begins the session. */
  async open(): Promise<void> {}

  async post(message: Outgoing, signal?: AbortSignal): Promise<void> {
    const { id, cancels, modernVersion } = message;
    if (id !== null) return this.#postRequest(message, id, signal);
    if (cancels === null) return this.#postNotice(message);
    try {
      // In the modern era the end of the response stream is the cancellation: there is nothing to post.
      if (modernVersion === null) await this.#postNotice(message);
    } finally {
      this.#forget(cancels);
    }
  }

  listen(): void {
    if (this.protocolVersion === null || this.#dropped !== null) return;
    void keepStandingStream(this.#options, this.#events, {
      headers: () => this.#headers(),
      signal: this.#over.signal,
    });
  }

  drop(reason: string): void {
    if (this.#dropped !== null) return;
    this.#dropped = reason;
    this.#over.abort();
    // What was not taken yet is still to be answered: if the session is unknown to the remote, it will say so.
    for (const { message, stop, taken } of [...this.#underWay.values()]) {
      if (!taken) continue;
      stop.abort();
      this.#fail(message, reason);
    }
  }

  async end(): Promise<void> {
    this.#dropped ??= 'the connection to the backend was closed';
    this.#over.abort();
    for (const { stop } of this.#underWay.values()) stop.abort();
    if (this.#sessionId === null) return;
    const { http, url, clock } = this.#options;
    const stop = new AbortController();
    const timer = clock.setTimeout(() => stop.abort(), END_TIMEOUT_MS);
    try {
      const reply = await http.send(
        { method: 'DELETE', url, headers: this.#headers(), signal: stop.signal },
        0,
      );
      http.discard(reply.body);
    } catch (error) {
      // The remote lets the session expire then: nothing is left to be done about it.
      if (!(error instanceof RemoteFailure)) throw error;
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** A notification or a response. */
  async #postNotice(message: Outgoing): Promise<void> {
    const stop = new AbortController();
    const timer = this.#options.clock.setTimeout(() => stop.abort(), this.#options.acceptTimeoutMs);
    try {
      const reply = await this.#send(message, stop.signal);
      this.#options.http.discard(reply.body);
      if (reply.status >= 300) throw statusFailure(reply.url.origin, 'a message', reply.status);
    } finally {
      this.#options.clock.clearTimeout(timer);
    }
  }

  async #postRequest(message: Outgoing, id: RpcId, signal?: AbortSignal): Promise<void> {
    const call: UnderWay = { message, stop: new AbortController(), taken: false };
    this.#underWay.set(id, call);
    signal?.addEventListener('abort', () => call.stop.abort(), { once: true });
    try {
      const reply = await this.#send(message, call.stop.signal);
      if (message.method === 'initialize') this.#begin(reply);
      if (reply.status >= 300) await readRefusal(message, reply, this.#events);
      else this.#take(call, reply);
    } finally {
      if (!call.taken) this.#underWay.delete(id);
    }
  }

  async #send(message: Outgoing, signal: AbortSignal): Promise<RemoteReply> {
    const { http, url } = this.#options;
    const headers = {
      ...this.#headers(),
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...traceHeaders(message),
      ...modernHeaders(message),
    };
    const inSession = this.#sessionId !== null && message.method !== 'initialize';
    const reply = await http.send({ method: 'POST', url, headers, body: message.text, signal });
    this.#events.onActivity();
    if (reply.status !== 404 || !inSession) return reply;
    http.discard(reply.body);
    throw new RemoteFailure('session', `${reply.url.origin} has forgotten the session (HTTP 404)`, false);
  }

  #begin(reply: RemoteReply): void {
    const id = reply.head['mcp-session-id'];
    if (reply.status >= 300 || id === undefined) return;
    if (typeof id === 'string' && SESSION_ID.test(id)) {
      this.#sessionId = id;
      return;
    }
    this.#options.http.discard(reply.body);
    const fault = 'gave a session id that is not 1 to 4096 visible ASCII characters';
    throw new RemoteFailure('broken', `${reply.url.origin} ${fault}; mend the server`, true);
  }

  /** The remote has taken a request: from here on its answer is waited for, and its failure told, aside. */
  #take(call: UnderWay, reply: RemoteReply): void {
    const { message, stop } = call;
    if (this.#dropped !== null) {
      this.#options.http.discard(reply.body);
      stop.abort();
      this.#fail(message, this.#dropped);
      return;
    }
    call.taken = true;
    this.#connections++;
    const { signal } = stop;
    const context = { options: this.#options, events: this.#events, headers: () => this.#headers(), signal };
    void readAnswer(message, reply, context).finally(() => {
      this.#connections--;
      if (message.id !== null && this.#underWay.get(message.id) === call) this.#underWay.delete(message.id);
      stop.abort();
    });
  }

  #forget(id: RpcId): void {
    const call = this.#underWay.get(id);
    if (call === undefined) return;
    this.#underWay.delete(id);
    call.stop.abort();
  }

  #fail({ id }: Outgoing, reason: string): void {
    this.#events.onFailed(id, { kind: 'lost', reason, delivered: true });
  }

  #headers(): Record<string, string> {
    return {
      ...(this.#sessionId !== null && { 'mcp-session-id': this.#sessionId }),
      ...(this.protocolVersion !== null && { 'mcp-protocol-version': this.protocolVersion }),
    };
  }
}
