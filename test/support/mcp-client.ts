/** A client that speaks MCP over HTTP by hand, to see exactly what is on the wire. */

export const BOTH = 'application/json, text/event-stream';

export interface SseEvent {
  readonly event: string;
  readonly data: string;
  /** null: it has none. */
  readonly id: string | null;
  /** A comment stands alone: it has no data. */
  readonly comment: string | null;
}

/** Reads server-sent events one by one; undefined at the end of the stream. */
export class SseReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #buffer = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error(`no body: ${response.status}`);
    this.#reader = response.body.getReader();
  }

  /** The next event or comment, priming events left out. */
  async next(): Promise<SseEvent | undefined> {
    for (;;) {
      const event = await this.any();
      if (event === undefined || event.comment !== null || event.data !== '') return event;
    }
  }

  /** The next event or comment, whatever it is. */
  async any(): Promise<SseEvent | undefined> {
    let end = this.#buffer.indexOf('\n\n');
    while (end === -1) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#buffer += this.#decoder.decode(value, { stream: true });
      end = this.#buffer.indexOf('\n\n');
    }
    const block = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end + 2);
    return parse(block);
  }

  /** The next event that is a JSON-RPC message. */
  async message(): Promise<Record<string, unknown>> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error('the stream ended');
      if (event.event === 'message' && event.comment === null) return JSON.parse(event.data);
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

function parse(block: string): SseEvent {
  if (block.startsWith(':')) return { event: '', data: '', id: null, comment: block.slice(1).trim() };
  const fields = new Map(
    block
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const [event = 'message', data = ''] = [fields.get('event'), fields.get('data')];
  return { event, data, id: fields.get('id') ?? null, comment: null };
}

export function initialize(capabilities: object = {}, protocolVersion = '2025-11-25'): object {
  const clientInfo = { name: 'test', version: '1.0.0' };
  return {
    jsonrpc: '2.0',
    id: 'init',
    method: 'initialize',
    params: { protocolVersion, capabilities, clientInfo },
  };
}

export function request(id: string | number, method = 'tools/call', params: object = {}): object {
  return { jsonrpc: '2.0', id, method, params };
}

/** One session on the Streamable HTTP front. */
export class StreamableClient {
  sessionId: string | null = null;
  readonly url: string;

  constructor(origin: string, serviceId = 'svc') {
    this.url = `${origin}/mcp/stream/proxy/${encodeURIComponent(serviceId)}`;
  }

  async open(capabilities: object = {}): Promise<this> {
    const response = await this.post(initialize(capabilities));
    if (response.status !== 200) throw new Error(`initialize: ${response.status} ${await response.text()}`);
    await response.text();
    this.sessionId = response.headers.get('mcp-session-id');
    return this;
  }

  post(message: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: BOTH, ...this.#session(), ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
      ...(signal !== undefined && { signal }),
    });
  }

  get(headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    const all = { accept: 'text/event-stream', ...this.#session(), ...headers };
    return fetch(this.url, { headers: all, ...(signal !== undefined && { signal }) });
  }

  delete(headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url, { method: 'DELETE', headers: { ...this.#session(), ...headers } });
  }

  #session(): Record<string, string> {
    return this.sessionId === null ? {} : { 'mcp-session-id': this.sessionId };
  }
}

/** One session on the HTTP+SSE front. */
export class HttpSseClient {
  readonly #origin: string;
  readonly stream: SseReader;
  readonly endpoint: string;

  private constructor(origin: string, stream: SseReader, endpoint: string) {
    this.#origin = origin;
    this.stream = stream;
    this.endpoint = endpoint;
  }

  static async connect(origin: string, path = '/mcp/sse/proxy/svc/sse'): Promise<HttpSseClient> {
    const response = await fetch(origin + path, { headers: { accept: 'text/event-stream' } });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return HttpSseClient.over(origin, response);
  }

  /** The session of a stream that has been opened. */
  static async over(origin: string, response: Response): Promise<HttpSseClient> {
    const stream = new SseReader(response);
    const first = await stream.next();
    if (first?.event !== 'endpoint') throw new Error(`the first event was ${JSON.stringify(first)}`);
    return new HttpSseClient(origin, stream, first.data);
  }

  post(message: unknown, endpoint = this.endpoint, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.#origin + endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
  }

  async open(capabilities: object = {}): Promise<this> {
    await (await this.post(initialize(capabilities))).text();
    await this.stream.message();
    return this;
  }
}
