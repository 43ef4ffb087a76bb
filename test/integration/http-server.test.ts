/** The app on a real socket: hanging up, closing, and clients that do not behave. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import { readDemand } from '../../src/http/demand.ts';
import { type GatewayServer, listen } from '../../src/http/server.ts';
import { FakeServices } from '../support/fake-services.ts';
import { dataRoute, stdioConfig } from '../support/http-app.ts';
import { rawClient } from '../support/raw-client.ts';

interface Started {
  readonly server: GatewayServer;
  readonly services: FakeServices;
}

async function start(options: Partial<AppOptions> = {}, drainGraceMs = 60_000): Promise<Started> {
  const services = new FakeServices();
  const app = buildApp({
    services,
    readiness: () => true,
    fronts: dataRoute(request => services.admit(request.params.id, readDemand(request))),
    ...options,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, drainGraceMs });
  onTestFinished(() => {
    app.server.closeAllConnections();
    return server.close();
  });
  return { server, services };
}

const host = 'Host: localhost\r\n';

function post(url: string, body: unknown): string {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  return `POST ${url} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${text}`;
}

/** A route that answers when the test says so. */
function gate() {
  let arrive: () => void = () => undefined;
  let open: (body: unknown) => void = () => undefined;
  const arrived = new Promise<void>(resolve => {
    arrive = resolve;
  });
  const opened = new Promise<unknown>(resolve => {
    open = resolve;
  });
  const fronts = dataRoute(() => {
    arrive();
    return opened;
  });
  return { fronts, arrived, open: () => open({ answered: true }) };
}

describe('a client that expects something', () => {
  const expecting = (path: string, expectation: string) =>
    post(path, {}).replace('\r\n\r\n', `\r\nExpect: ${expectation}\r\nConnection: close\r\n\r\n`);
  const answerTo = async (request: string) => {
    const { server } = await start({ fronts: dataRoute(() => ({ answered: true })) });
    const client = await rawClient(server.port);
    client.write(request);
    return client.closed;
  };

  it('given 100-continue, then is told to go on, and answered', async () => {
    const answer = await answerTo(expecting('/mcp/stream/proxy/a', '100-continue'));
    expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK[\s\S]*\{"answered":true\}/);
  });

  it('given anything else, then is refused with 417 in the envelope, and a JSON-RPC error on a data route', async () => {
    const answer = await answerTo(expecting('/mcp/stream/proxy/a', 'nonsense'));
    expect(answer).toMatch(/^HTTP\/1.1 417 /);
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body).toMatchObject({ code: '0011', success: false, jsonrpc: '2.0', error: { code: -32602 } });
    expect(body.message).toContain('100-continue');
    expect(answer).toContain(`x-request-id: ${body.tid}\r\n`);
  });
});

describe('a client that hangs up', () => {
  it('while its data request is held, leaves the queue', async () => {
    const { server, services } = await start();
    services.startOutcome = 'hangs';
    services.put('a', { poll: 'Pending', state: 'Pending.Starting' });
    const client = await rawClient(server.port);
    client.write(post('/mcp/stream/proxy/a', {}));
    await services.waiting;
    client.hangUp();
    await services.gaveUp;
  });

  it('while its add waits for the start, leaves nothing registered', async () => {
    const { server, services } = await start();
    services.startOutcome = 'hangs';
    const client = await rawClient(server.port);
    client.write(post('/mcp/sse/add', { mcp_json_config: stdioConfig }));
    await services.waiting;
    client.hangUp();
    await services.gaveUp;
    expect(services.status('0'.repeat(32))).toBeUndefined();
  });

  it('before anybody asked for the signal, is seen by it at once', async () => {
    const gone = new Promise<boolean>(resolve => {
      const fronts = dataRoute(request => {
        request.response?.once('close', () => resolve(readDemand(request).signal.aborted));
        return new Promise(() => undefined);
      });
      void start({ fronts }).then(async ({ server }) => {
        const client = await rawClient(server.port);
        client.write(post('/mcp/stream/proxy/a', {}));
        client.hangUp();
      });
    });
    expect(await gone).toBe(true);
  });

  it('is none that got its answer: the signal stays quiet', async () => {
    const signals: AbortSignal[] = [];
    const fronts = dataRoute(request => {
      signals.push(readDemand(request).signal);
      return {};
    });
    const { server } = await start({ fronts });
    const client = await rawClient(server.port);
    client.write(post('/mcp/stream/proxy/a', {}));
    await client.received(/200 OK[\s\S]*\{\}/);
    client.hangUp();
    await client.closed;
    await server.close();
    expect(signals.map(signal => signal.aborted)).toEqual([false]);
  });
});

describe('closing', () => {
  it('tells where it listened, and refuses connections afterwards', async () => {
    const { server } = await start();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    expect(server.close()).toBe(server.close());
  });

  it('lets an answer under way finish, then closes its connection', async () => {
    const { fronts, arrived, open } = gate();
    const { server } = await start({ fronts });
    const client = await rawClient(server.port);
    client.write(post('/mcp/stream/proxy/a', {}));
    await arrived;
    const closed = server.close();
    open();
    expect(await client.closed).toMatch(/200 OK[\s\S]*connection: close[\s\S]*\{"answered":true\}/i);
    await closed;
  });

  it('closes idle and silent connections at once', async () => {
    const { server } = await start();
    const silent = await rawClient(server.port);
    const idle = await rawClient(server.port);
    idle.write(`GET /health HTTP/1.1\r\n${host}\r\n`);
    await idle.received(/health$/);
    await server.close();
    await Promise.all([silent.closed, idle.closed]);
  });

  it('refuses new work with 0009 and /ready with 503 on connections still open', async () => {
    const { fronts, arrived, open } = gate();
    const { server, services } = await start({ fronts });
    const working = await rawClient(server.port);
    const asking = await rawClient(server.port);
    const probing = await rawClient(server.port);
    working.write(post('/mcp/stream/proxy/a', {}));
    // One write, so that with the first answer the beginning of the second request has arrived too.
    asking.write(`GET /health HTTP/1.1\r\n${host}\r\nPOST /mcp/sse/add HTTP/1.1\r\n`);
    probing.write(`GET /health HTTP/1.1\r\n${host}\r\nGET /ready HTTP/1.1\r\n`);
    await Promise.all([asking.received(/health$/), probing.received(/health$/)]);
    await arrived;
    const closed = server.close();
    asking.write(`${host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
    probing.write(`${host}\r\n`);
    expect(await asking.closed).toMatch(/ 503 [\s\S]*retry-after: 1[\s\S]*"code":"0009"/i);
    expect(await probing.closed).toMatch(/ 503 [\s\S]*not ready/);
    expect(services.orders).toEqual([]);
    open();
    await closed;
  });

  it('given an answer that never comes, when the grace time is over, then the connection is closed', async () => {
    const { fronts, arrived } = gate();
    const { server } = await start({ fronts }, 20);
    const client = await rawClient(server.port);
    client.write(post('/mcp/stream/proxy/a', {}));
    await arrived;
    await server.close();
    expect(await client.closed).toBe('');
  });
});

describe('a client that does not behave', () => {
  const answerTo = async (text: string, settings: AppOptions['settings'] = {}) => {
    const { server } = await start({ settings });
    const client = await rawClient(server.port);
    client.write(text);
    return client.closed;
  };

  it.each([
    ['no HTTP', 'hello\r\n\r\n', '400', '0011'],
    ['no Host', 'GET /health HTTP/1.0\r\n\r\n', '403', '0012'],
    ['an empty Host', 'GET /health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', '403', '0012'],
    [
      'a path of dots',
      `GET /mcp/check/status/.. HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      '400',
      '0011',
    ],
    [
      'escaped dots',
      `GET /mcp/check/status/%2e%2E HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      '400',
      '0011',
    ],
    ['too long a head', `GET /health HTTP/1.1\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`, '431', '0013'],
  ])('and sends %s gets the envelope', async (_what, text, status, code) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/x-request-id: [0-9a-f]{32}\r\n/);
    expect(answer).toContain(`"code":"${code}"`);
  });

  it('and sends garbage behind a request gets no second head into the answer under way', async () => {
    const fronts: AppOptions['fronts'] = (app, _options, done) => {
      app.get('/mcp/sse/proxy/:id/sse', (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: begun\n\n');
      });
      done();
    };
    const { server } = await start({ fronts });
    const client = await rawClient(server.port);
    client.write(`GET /mcp/sse/proxy/a/sse HTTP/1.1\r\n${host}\r\n`);
    await client.received(/begun/);
    client.write('garbage\r\n\r\n');
    expect((await client.closed).match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  it('and never finishes its head is answered 408 and closed', async () => {
    const answer = await answerTo(`GET /health HTTP/1.1\r\n${host}`, { headersTimeoutMs: 20 });
    expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"0011"/);
  });

  it('and never finishes its body is answered 408 and closed', async () => {
    const text = `POST /mcp/sse/add HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`;
    const answer = await answerTo(text, { headersTimeoutMs: 20, receiveTimeoutMs: 20 });
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('and opens more connections than the bound has the further ones closed (invariant 10)', async () => {
    const { server } = await start({ settings: { maxConnections: 1 } });
    const first = await rawClient(server.port);
    first.write(`GET /health HTTP/1.1\r\n${host}\r\n`);
    await first.received(/health$/);
    const second = await rawClient(server.port);
    expect(await second.closed).toBe('');
  });
});
