/** A session over HTTP+SSE (revision 2024-11-05): one stream brings everything, messages are POSTed to its endpoint. */
import type { RpcId } from '../rpc/json-rpc.ts';
import { readHead } from '../rpc/places.ts';
import { isRpcId } from '../rpc/text.ts';
import { readRefusal } from './answers.ts';
import type { RemoteReply } from './http-client.ts';
import { traceHeaders } from './message-headers.ts';
import type { Outgoing } from './outgoing.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { RemoteSession, SessionEvents, SessionOptions } from './remote-session.ts';
import { isEventStream, readStream } from './remote-stream.ts';
import { statusFailure } from './status-failure.ts';

/** Statuses of a POST that mean: there is no such session. */
const UNKNOWN_SESSION: ReadonlySet<number> = new Set([404, 410]);

/** A request without its response yet. */
interface Waiting {
  readonly stop: AbortController;
  /** The remote has taken it. */
  taken: boolean;
}

export class HttpSseSession implements RemoteSession {
  protocolVersion: string | null = null;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #waiting = new Map<RpcId, Waiting>();
  readonly #over = new AbortController();
  #endpoint: URL | null = null;
  #dropped: string | null = null;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** All answers come over the one stream. */
  get connections(): number {
    return 0;
  }

  /** Opens the stream and waits for its `endpoint` event. */
  async open(signal: AbortSignal): Promise<void> {
    const { http, url, clock, handshakeTimeoutMs } = this.#options;
    const stop = () => this.#over.abort();
    let late = false;
    const timer = clock.setTimeout(() => {
      late = true;
      stop();
    }, handshakeTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const headers = { accept: 'text/event-stream' };
      const reply = await http.send({ method: 'GET', url, headers, signal: this.#over.signal });
      this.#endpoint = await this.#readEndpoint(reply);
    } catch (error) {
      stop(); // a stream that is of no use is not kept open
      if (!late) throw error;
      const fault = `sent no endpoint event within ${handshakeTimeoutMs} ms`;
      throw new RemoteFailure('broken', `${url.origin} ${fault}; check the url and the type`, false);
    } finally {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  async post(message: Outgoing, signal?: AbortSignal): Promise<void> {
    const { id, cancels } = message;
    const waiting: Waiting = { stop: new AbortController(), taken: false };
    if (id !== null) this.#waiting.set(id, waiting); // its response may be here before the POST's own answer
    if (cancels !== null) this.#forget(cancels);
    const { clock, acceptTimeoutMs } = this.#options;
    const timer = clock.setTimeout(() => waiting.stop.abort(), acceptTimeoutMs);
    signal?.addEventListener('abort', () => waiting.stop.abort(), { once: true });
    try {
      await this.#deliver(message, waiting.stop.signal);
      waiting.taken = true;
      if (this.#dropped !== null && id !== null && this.#waiting.delete(id)) this.#fail(id, this.#dropped);
    } finally {
      clock.clearTimeout(timer);
      if (!waiting.taken && id !== null) this.#waiting.delete(id);
    }
  }

  /** The stream is open already. */
  listen(): void {}

  drop(reason: string): void {
    if (this.#dropped !== null) return;
    this.#dropped = reason;
    this.#over.abort();
    for (const [id, { taken }] of [...this.#waiting]) {
      if (!taken) continue;
      this.#waiting.delete(id);
      this.#fail(id, reason);
    }
  }

  /** The end of the stream is the end of the session. */
  async end(): Promise<void> {
    this.#dropped ??= 'the connection to the backend was closed';
    this.#over.abort();
    for (const { stop } of this.#waiting.values()) stop.abort();
  }

  async #deliver(message: Outgoing, signal: AbortSignal): Promise<void> {
    const { http, url } = this.#options;
    if (this.#endpoint === null)
      throw new RemoteFailure('session', `${url.origin} has no session yet`, false);
    const headers = {
      ...traceHeaders(message),
      'content-type': 'application/json',
      ...(this.protocolVersion !== null && { 'mcp-protocol-version': this.protocolVersion }),
    };
    const body = message.text;
    const reply = await http.send({ method: 'POST', url: this.#endpoint, headers, body, signal });
    const { origin } = reply.url;
    if (reply.status >= 200 && reply.status < 300) http.discard(reply.body);
    else if (UNKNOWN_SESSION.has(reply.status)) {
      http.discard(reply.body);
      throw new RemoteFailure('session', `${origin} has forgotten the session (HTTP ${reply.status})`, false);
    } else {
      await readRefusal(message, reply, this.#events);
      if (message.id !== null) this.#waiting.delete(message.id);
    }
  }

  /** Begins to read the stream, which goes on behind this. */
  #readEndpoint(reply: RemoteReply): Promise<URL> {
    const { origin } = reply.url;
    return new Promise((resolve, reject) => {
      if (!isEventStream(reply)) {
        this.#options.http.discard(reply.body);
        reject(
          reply.status === 200
            ? new RemoteFailure(
                'not allowed',
                `${origin} answered GET with no event stream; check the url`,
                false,
              )
            : statusFailure(origin, 'GET', reply.status),
        );
        return;
      }
      const onOther = (type: string, data: string) => {
        if (type !== 'endpoint') return;
        const endpoint = this.#sameOrigin(data, reply.url);
        if (endpoint instanceof URL) resolve(endpoint);
        else reject(endpoint);
      };
      const listener = { ...this.#events, onOther, onMessage: (text: string) => this.#heard(text) };
      void readStream(reply, this.#options.maxMessageBytes, listener).then(() => {
        reject(
          new RemoteFailure('broken', `${origin} ended its event stream before the endpoint event`, false),
        );
        if (this.#endpoint !== null && this.#dropped === null)
          this.#events.onEnded(`${origin} ended its event stream`);
      });
    });
  }

  #sameOrigin(endpoint: string, base: URL): URL | RemoteFailure {
    const { origin } = this.#options.url;
    const url = URL.canParse(endpoint, base.href) ? new URL(endpoint, base.href) : null;
    if (url?.origin === origin) return url;
    const fault =
      url === null
        ? 'is no URL; mend the server'
        : `is at another origin (${url.origin}); set the url to where the server is`;
    return new RemoteFailure('not allowed', `${origin} named an endpoint that ${fault}`, false);
  }

  #heard(text: string): void {
    const { responseId } = readHead(text);
    if (isRpcId(responseId)) this.#waiting.delete(responseId);
    this.#events.onMessage(text);
  }

  #forget(id: RpcId): void {
    this.#waiting.get(id)?.stop.abort();
    this.#waiting.delete(id);
  }

  #fail(id: RpcId, reason: string): void {
    this.#events.onFailed(id, { kind: 'lost', reason, delivered: true });
  }
}
