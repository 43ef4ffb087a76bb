/** Sends planned requests over real connections, and remembers the sessions and events that the answers tell of. */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Plan } from './requests.ts';
import { baseOf, pathOf, Sessions } from './sessions.ts';
import { opening } from './stock.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The beginning of it, where it is a stream. */
  readonly body: string;
  readonly streamed: boolean;
}

/** Time in which an answer must have come, in ms: more than any wait that a request can ask for. */
const PATIENCE_MS = 20_000;
/** How long a stream is read before its answer counts, in ms. */
const STREAM_MS = 15;
/** Streams that stay open behind that; the oldest is hung up on. */
const MAX_OPEN = 20;
const MAX_REMEMBERED = 200;
/** Longest part of a stream that is looked at, in characters. */
const MAX_READ = 65_536;

export class Sender {
  readonly #origin: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #sessions = new Sessions();
  readonly #opening = new Map<string, Promise<unknown>>();
  readonly #open: IncomingMessage[] = [];
  readonly #events: string[] = [];
  /** Results that came on streams. */
  laterResults = 0;

  constructor(url: string) {
    this.#origin = new URL(url);
  }

  /** null: the client hung up before there was an answer, as planned. @throws {Error} no answer came */
  async send(plan: Plan): Promise<Answer | null> {
    const base = baseOf(plan);
    if (plan.fits && !this.#sessions.has(base)) await this.#ensureSession(base);
    return this.#exchange(plan);
  }

  async #exchange(plan: Plan): Promise<Answer | null> {
    const session = this.#sessions.for(plan);
    const answer = await this.#post(plan, session);
    if (session !== null && (answer?.status === 404 || plan.method === 'DELETE'))
      this.#sessions.forget(session);
    return answer;
  }

  #post(plan: Plan, session: string | null): Promise<Answer | null> {
    const { hostname, port } = this.#origin;
    const { method } = plan;
    const path =
      session !== null && plan.path.includes('/message') ? `${pathOf(plan)}?sessionId=${session}` : plan.path;
    const headers = this.#headersOf(plan, session);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers, agent: this.#agent });
      const timer = setTimeout(
        () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)),
        PATIENCE_MS,
      );
      sent.on('error', error => (plan.impatient ? resolve(null) : reject(error)));
      sent.on('response', response => {
        clearTimeout(timer);
        this.#read(response, baseOf(plan)).then(resolve, reject);
      });
      sent.on('close', () => clearTimeout(timer));
      sent.end(plan.body ?? undefined);
      if (plan.impatient) setImmediate(() => sent.destroy());
    });
  }

  /** Ends every connection. */
  close(): void {
    for (const stream of this.#open) stream.destroy();
    this.#agent.destroy();
  }

  /** Opens a session for a request that needs one that fits, once for all that need it now. */
  async #ensureSession(base: string): Promise<void> {
    const opened =
      this.#opening.get(base) ?? this.#exchange(opening(base)).finally(() => this.#opening.delete(base));
    this.#opening.set(base, opened);
    await opened;
  }

  #headersOf({ headers, body, event }: Plan, session: string | null): Record<string, string> {
    const eventId = event === null ? undefined : this.#events[event % this.#events.length];
    return {
      ...headers,
      ...(body !== null && { 'content-length': String(body.length) }),
      ...(session !== null && { 'mcp-session-id': session }),
      ...(eventId !== undefined && { 'last-event-id': eventId }),
    };
  }

  async #read(response: IncomingMessage, base: string): Promise<Answer> {
    const { statusCode: status = 0, headers } = response;
    const streamed = headers['content-type'] === 'text/event-stream';
    const body = streamed ? await this.#begin(response) : await whole(response);
    const session = headers['mcp-session-id'];
    if (typeof session === 'string') this.#sessions.remember(session, base);
    for (const [, id = ''] of body.matchAll(/^id: (.*)$/gm)) remember(this.#events, id);
    for (const [, id = ''] of body.matchAll(/sessionId=([\w-]+)/g)) {
      this.#sessions.remember(id, base);
      response.once('close', () => this.#sessions.forget(id));
    }
    return { status, headers, body, streamed };
  }

  /** What came on a stream so far; it stays open for a while. */
  #begin(response: IncomingMessage): Promise<string> {
    this.#open.push(response);
    if (this.#open.length > MAX_OPEN) this.#open.shift()?.destroy();
    return new Promise(resolve => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk.slice(0, MAX_READ - body.length);
        this.laterResults += chunk.split('"result":').length - 1;
      });
      response.on('error', () => resolve(body)).on('end', () => resolve(body));
      setTimeout(() => resolve(body), STREAM_MS);
    });
  }
}

async function whole(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return body;
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MAX_REMEMBERED) list.shift();
}
