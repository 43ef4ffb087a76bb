/** An MCP server over HTTP that the test steers: every exchange is recorded, any of them can be answered by the test. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { EventQueue } from './event-queue.ts';
import { freePort } from './free-port.ts';

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Of a POST. */
  readonly message: Message;
  readonly response: ServerResponse;
}

export type Answer = (exchange: Exchange) => void;

export const event = (data: object | string, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

export const response = (message: Message, result: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: message.id, result });

/** Answers with JSON. */
export const json = (result: object) => (exchange: Exchange) => {
  exchange.response.setHeader('content-type', 'application/json').end(response(exchange.message, result));
};

/** Answers with a status alone. */
export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (exchange: Exchange) => {
    exchange.response.writeHead(code, headers).end();
  };

/** Begins a stream and leaves it open. */
export function stream({ response: out }: Exchange, ...events: string[]): void {
  out.writeHead(200, { 'content-type': 'text/event-stream' });
  out.flushHeaders();
  for (const each of events) out.write(each);
}

const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: { subscribe: true }, logging: {} },
  serverInfo: { name: 'remote', version: '1' },
};

export class RemoteServer {
  readonly exchanges: Exchange[] = [];
  /** Exchanges as they come, for the test to wait on. */
  readonly arrivals = new EventQueue<Exchange>();
  /** By HTTP method, or by JSON-RPC method for a POST; what is not here gets a default. */
  readonly answers = new Map<string, Answer>();
  /** False: connections end with their answer, so that none is idle when the server stops. */
  keepAlive = true;
  /** Sessions that are known. */
  readonly sessions = new Set<string>();
  readonly #server: Server;
  #begun = 0;
  #port = 0;

  constructor() {
    this.#server = createServer((request, out) => void this.#take(request, out));
  }

  static async start(): Promise<RemoteServer> {
    const server = new RemoteServer();
    await server.listen();
    onTestFinished(() => server.stop());
    return server;
  }

  /** On the port it had before, if it had one. */
  async listen(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Cuts every connection and takes no further ones. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.origin}/mcp`;
  }

  /** Resolves with the next exchange of that kind: an HTTP method, or a JSON-RPC method. */
  async next(kind: string): Promise<Exchange> {
    for (;;) {
      const exchange = await this.arrivals.next();
      if (kindOf(exchange) === kind) return exchange;
    }
  }

  of(kind: string): Exchange[] {
    return this.exchanges.filter(exchange => kindOf(exchange) === kind);
  }

  async #take(request: IncomingMessage, out: ServerResponse): Promise<void> {
    out.shouldKeepAlive = this.keepAlive;
    const body = await text(request);
    const { method = '', url: path = '', headers } = request;
    const message = body === '' ? {} : JSON.parse(body);
    const exchange: Exchange = { method, path, headers, message, response: out };
    this.exchanges.push(exchange);
    (this.answers.get(kindOf(exchange)) ?? (each => this.#answer(each)))(exchange);
    this.arrivals.push(exchange);
  }

  /** A Streamable HTTP server with sessions, JSON answers and no standing stream. */
  #answer(exchange: Exchange): void {
    const { method, headers, message, response: out } = exchange;
    const session = headers['mcp-session-id'];
    if (method === 'GET') status(405)(exchange);
    else if (message.method === 'initialize') {
      const id = `session-${++this.#begun}`;
      this.sessions.add(id);
      out.setHeader('mcp-session-id', id);
      json(HANDSHAKE)(exchange);
    } else if (typeof session !== 'string' || !this.sessions.has(session)) status(404)(exchange);
    else if (method === 'DELETE') status(204)(exchange);
    else if (message.id === undefined || message.method === undefined) status(202)(exchange);
    else json({ method: message.method, params: message.params ?? {} })(exchange);
  }
}

function kindOf({ method, message }: Exchange): string {
  return method === 'POST' ? (message.method ?? 'response') : method;
}

/** Turns a server into one that speaks HTTP+SSE: the stream of GET brings everything. Returns how to say something. */
export function speakHttpSse(server: RemoteServer, endpoint = '/messages?session=1') {
  let out: ServerResponse | null = null;
  const say = (data: object | string) => out?.write(event(data));
  const onPost: Answer = exchange => {
    status(202)(exchange);
    const { message } = exchange;
    if (message.method === 'initialize') say(response(message, HANDSHAKE));
    else if (message.id !== undefined && message.method !== undefined) {
      say(response(message, { method: message.method }));
    }
  };
  server.answers.set('GET', exchange => {
    out = exchange.response;
    stream(exchange, `event: endpoint\ndata: ${endpoint}\n\n`);
  });
  const refuse = (exchange: Exchange) =>
    exchange.path === '/mcp' ? status(405)(exchange) : onPost(exchange);
  for (const kind of [
    'initialize',
    'notifications/initialized',
    'ping',
    'tools/call',
    'notifications/cancelled',
  ])
    server.answers.set(kind, refuse);
  return { say, end: () => out?.end() };
}
