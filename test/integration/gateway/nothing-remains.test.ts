/** What requests leave behind in a gateway of its own process, counted in its heap: objects and functions, never bytes. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { removeDirectory, temporaryDirectory } from '../../support/gateway-process.ts';
import { grown, objectsOf, startCountable } from '../../support/heap-objects.ts';
import { configHeader, initialize, tinyServer } from '../../support/http-client.ts';
import { BOTH, request } from '../../support/mcp-client.ts';
import { readMetrics } from '../../support/metrics.ts';

/** Of each kind of request. */
const REQUESTS = 300;
/** What is held for each of them is that often there; what the gateway learns meanwhile, such as a list of tools, is far from it. */
const TOO_MANY = 0.9 * REQUESTS;
/** Few, so that what is open for each of them for a moment longer is far from what the test looks for. */
const ABREAST = 4;

const JSON_TYPE = { 'content-type': 'application/json', accept: BOTH };

type Headers = Readonly<Record<string, string>>;

const toolCall = (name: string, args: object, more: object = {}) =>
  request(7, 'tools/call', { name, arguments: args, ...more });

/** A client with connections of its own, closed by `close`: while its heap is written, a gateway answers nobody. */
class Client {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: string;
  readonly #at: string;

  constructor(url: string) {
    this.#url = url;
    this.#at = `${url}/mcp/stream/proxy/svc`;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Makes a request of each kind. */
  async visit(session: Headers): Promise<void> {
    expect(await this.#post(toolCall('echo', { message: 'there' }), session)).toBe(200);
    expect(await this.#post(toolCall('no such tool', {}), session)).toBe(200);
    expect(await this.#post({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, session)).toBe(
      202,
    );
    expect(await this.#post({ jsonrpc: '1.0' }, session)).toBe(400);
    expect(await this.#post(initialize, {}, `${this.#url}/mcp/stream/proxy/unknown`)).toBe(404);
    expect(await this.#status('GET', `${this.#url}/mcp/check/status/svc`)).toBe(200);
    await this.#hangUp(session);
    await this.#stream();
  }

  /** Opens a session; returns the header that names it. */
  async open(headers: Headers = {}): Promise<Headers> {
    const response = await this.#send('POST', this.#at, { ...JSON_TYPE, ...headers }, initialize);
    await text(response);
    return { 'mcp-session-id': String(response.headers['mcp-session-id']) };
  }

  async end(session: Headers): Promise<void> {
    expect(await this.#status('DELETE', this.#at, session)).toBe(200);
  }

  /** A call whose client goes away before its answer. */
  async #hangUp(session: Headers): Promise<void> {
    const headers = { ...JSON_TYPE, ...session };
    const call = { ...toolCall('sleep', { ms: 20 }), id: crypto.randomUUID() };
    await new Promise<void>(resolve => {
      const request = httpRequest(this.#at, { method: 'POST', headers, agent: this.#agent });
      request.on('error', () => {}).on('close', resolve);
      request.end(JSON.stringify(call), () => request.destroy());
    });
  }

  /** A session of its own, its stream, and a call that is answered as one. */
  async #stream(): Promise<void> {
    const session = await this.open();
    const stream = await this.#send('GET', this.#at, { accept: 'text/event-stream', ...session });
    const call = toolCall('sleep', { ms: 0 }, { _meta: { progressToken: 1 } });
    const answer = await this.#send('POST', this.#at, { ...JSON_TYPE, ...session }, call);
    expect(await text(answer)).toContain('progress');
    await this.end(session);
    await text(stream);
  }

  #post(body: object, headers: Headers, url = this.#at): Promise<number | undefined> {
    return this.#status('POST', url, { ...JSON_TYPE, ...headers }, body);
  }

  async #status(method: string, url: string, headers?: Headers, body?: object): Promise<number | undefined> {
    const response = await this.#send(method, url, headers, body);
    await text(response);
    return response.statusCode;
  }

  #send(method: string, url: string, headers: Headers = {}, body?: object): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { method, headers, agent: this.#agent });
      request.on('response', resolve).on('error', reject);
      request.end(body === undefined ? '' : JSON.stringify(body));
    });
  }
}

/** Resolves when the gateway has noticed that all connections but the one that asks are closed, and that no call is under way. */
async function untilQuiet(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: false });
  for (;;) {
    const page = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(`${url}/metrics`, { agent }, resolve).on('error', reject).end();
    });
    const { value } = readMetrics(await text(page));
    const open = ['evergate_connections', 'evergate_calls_in_flight', 'evergate_sessions'].map(name =>
      value(name),
    );
    if (open.join() === '1,0,0') return;
  }
}

/** Every kind of request that many times, some abreast; nothing is open afterwards. */
async function ask(url: string, count: number): Promise<void> {
  const client = new Client(url);
  let left = count;
  const work = async () => {
    const session = await client.open();
    while (left-- > 0) await client.visit(session);
    await client.end(session);
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  client.close();
  await untilQuiet(url);
}

it('given hundreds of finished requests of each kind, then nothing is held that is one for each of them', async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => removeDirectory(directory));
  // While its heap is written its event loop stands still: that is no reason to refuse what comes next.
  const flags = ['--max-event-loop-lag-ms', '0', '--log-level', 'error'];
  const gateway = await startCountable(directory, ...flags);
  onTestFinished(async () => {
    await gateway.end('SIGKILL');
  });
  const first = new Client(gateway.url);
  await first.end(await first.open({ 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' }));
  first.close();
  await ask(gateway.url, REQUESTS / 3);
  const before = await objectsOf(gateway);
  await ask(gateway.url, REQUESTS);
  const after = await objectsOf(gateway);
  expect(grown(before, after, TOO_MANY)).toEqual([]);
  expect(after.get('object Registry'), 'objects of the gateway are counted').toBe(1);
}, 180_000);
