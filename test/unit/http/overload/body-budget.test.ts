/** Memory for bodies of requests (invariant 10): real sockets, because a body comes in pieces. */
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GatewayServer, listen } from '../../../../src/http/server.ts';
import { RequestMeters } from '../../../../src/metrics/request-meters.ts';
import { deferred } from '../../../support/deferred.ts';
import { dataRoute, testApp } from '../../../support/http-app.ts';

const MIB = 1024 * 1024;

async function given() {
  const meters = new RequestMeters();
  let answer = deferred<string>();
  const reached: number[] = [];
  const fronts = dataRoute(({ body }) => {
    reached.push((body as Buffer).length);
    return answer.promise;
  });
  const { app } = testApp({ fronts, meters, settings: { maxTotalBodyBytes: 3 * MIB } });
  const server = await listen(app, { host: '127.0.0.1', port: 0, drainGraceMs: 0 });
  onTestFinished(() => server.close());
  const release = () => {
    answer.resolve('done');
    answer = deferred<string>();
  };
  return { server, meters, reached, release, bodies: app.gateway.bodies };
}

function begin(
  { port }: GatewayServer,
  headers: Record<string, string | number>,
  method = 'POST',
): ClientRequest {
  return request({ port, host: '127.0.0.1', method, path: '/mcp/stream/proxy/a', headers });
}

async function reply(sent: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

function send(server: GatewayServer, bytes: number) {
  const sent = begin(server, { 'content-length': bytes });
  sent.end(Buffer.alloc(bytes, 'x'));
  return reply(sent);
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
};

describe('memory for bodies', () => {
  it('given more than there is memory for, then 0009 before the body is read; small ones, and later ones, are served', async () => {
    const { server, meters, reached, release, bodies } = await given();
    const first = send(server, 2 * MIB);
    await until(() => reached.length === 1);
    const refused = begin(server, { 'content-length': 2 * MIB });
    refused.flushHeaders();
    const { status, body } = await reply(refused);
    expect([status, JSON.parse(body).code, JSON.parse(body).error.data.retryAfterMs]).toEqual([
      503,
      '0009',
      1000,
    ]);
    refused.destroy();
    const small = send(server, 1000);
    await until(() => reached.length === 2);
    expect([bodies.bytes, meters.shed.bodies]).toEqual([2 * MIB, 1]);
    release();
    expect((await first).status).toBe(200);
    expect((await small).status).toBe(200);
    await until(() => bodies.bytes === 0);
    const later = send(server, 2 * MIB);
    await until(() => reached.length === 3);
    release();
    expect((await later).status).toBe(200);
  });

  it('given a body of unknown length, then it is counted once it is here', async () => {
    const { server, reached, release, bodies } = await given();
    const chunked = begin(server, {});
    chunked.write(Buffer.alloc(2 * MIB, 'x'));
    chunked.end();
    await until(() => reached.length === 1);
    expect(bodies.bytes).toBe(2 * MIB);
    const second = begin(server, {});
    second.write(Buffer.alloc(2 * MIB, 'x'));
    second.end();
    expect((await reply(second)).status).toBe(503);
    release();
    expect((await reply(chunked)).status).toBe(200);
    await until(() => bodies.bytes === 0);
  });

  it.each(['POST', 'OPTIONS'])(
    'given a body of a %s, then what is announced of it is counted',
    async method => {
      const { server, bodies } = await given();
      const sent = begin(server, { 'content-length': 2 * MIB, 'content-type': 'application/json' }, method);
      sent.on('error', () => {}); // it is torn off below
      sent.write(Buffer.alloc(MIB, 'x'));
      await until(() => bodies.bytes > 0);
      sent.destroy();
      await until(() => bodies.bytes === 0);
    },
  );

  it('given a body that was answered without being read, then the connection goes on to its next request', async () => {
    const { server, bodies } = await given();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = async (method: string, bytes: number) => {
      const { port } = server;
      const headers = { 'content-length': bytes };
      const sent = request({ port, host: '127.0.0.1', agent, method, path: '/nowhere', headers });
      sent.end(Buffer.alloc(bytes, 'x'));
      const { status } = await reply(sent);
      return [status, sent.reusedSocket];
    };
    expect(await ask('DELETE', 2 * MIB)).toEqual([404, false]);
    expect(await ask('DELETE', 0)).toEqual([404, true]);
    expect(bodies.bytes).toBe(0);
  });

  it('given a client that hangs up, then its memory is free', async () => {
    const { server, bodies } = await given();
    const sent = begin(server, { 'content-length': 2 * MIB });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(MIB, 'x'));
    await until(() => bodies.bytes === MIB);
    sent.destroy();
    await until(() => bodies.bytes === 0);
  });

  it('given one body larger than all the memory, then it is served, alone: its own bound is maxBodyBytes', async () => {
    const { server, reached, release } = await given();
    const large = send(server, 4 * MIB);
    await until(() => reached.length === 1);
    release();
    expect((await large).status).toBe(200);
  });

  it.each([
    ['a GET', 'GET', 9_000_000_000_000_000],
    ['a POST', 'POST', 20 * MIB],
  ])(
    'given %s that declares a body and sends none, then it takes nothing from others',
    async (_what, method, length) => {
      const { server, reached, release, bodies } = await given();
      const liar = begin(server, { 'content-length': length }, method);
      liar.on('error', () => undefined);
      liar.flushHeaders();
      onTestFinished(() => void liar.destroy());
      const honest = send(server, 2 * MIB);
      await until(() => reached.length === 1);
      expect(bodies.bytes).toBe(2 * MIB);
      release();
      expect((await honest).status).toBe(200);
    },
  );

  it('given a body that never ends, then what is here of it counts, and a body that is too much with it is refused', async () => {
    const { server, bodies, meters } = await given();
    const endless = begin(server, {});
    endless.on('error', () => undefined);
    onTestFinished(() => void endless.destroy());
    endless.write(Buffer.alloc(2 * MIB, 'x'));
    await until(() => bodies.bytes === 2 * MIB);
    const other = begin(server, {});
    other.on('error', () => undefined);
    other.write(Buffer.alloc(2 * MIB, 'x'));
    const { status, body } = await reply(other);
    expect([status, JSON.parse(body).code]).toEqual([503, '0009']);
    await until(() => bodies.bytes === 2 * MIB);
    expect(meters.shed.bodies).toBe(1);
  });

  it('given one longer than any may be while there is little memory, then it is refused for that', async () => {
    const { server, reached, release } = await given();
    const first = send(server, 2 * MIB);
    await until(() => reached.length === 1);
    const refused = begin(server, { 'content-length': 99_000_000_000 });
    refused.on('error', () => undefined);
    refused.flushHeaders();
    expect((await reply(refused)).status).toBe(413);
    release();
    await first;
  });
});
