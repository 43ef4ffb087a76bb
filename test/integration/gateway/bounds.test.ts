/** The bounds on what clients send and keep open are settings, and hold in the gateway as it runs (invariant 10). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, initialize, knock, post, tinyServer, untilState } from '../../support/http-client.ts';
import { request, StreamableClient } from '../../support/mcp-client.ts';
import { scrape } from '../../support/metrics.ts';

const BOUNDS = {
  'max-in-flight': 2,
  'max-held-requests': 2,
  'max-sessions': 4,
  'max-header-bytes': 4096,
  'max-body-bytes': 8192,
  'max-initialize-length': 1024,
  'max-config-bytes': 1024,
};

describe('bounds that are settings', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    const flags = Object.entries(BOUNDS).flatMap(([name, value]) => [`--${name}`, String(value)]);
    gateway = await startGateway(dataDir, ...flags);
    url = gateway.url;
    await checkStatus(url, 'a', tinyServer(), 'Persistent');
    await untilState(url, 'a', /Ready/);
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  const until = async (name: string, value: number) => {
    while ((await scrape(url)).value(name) !== value);
  };

  it('calls in flight: the third of two is refused with 0009 and Retry-After, and served once there is room', async () => {
    const client = await new StreamableClient(url, 'a').open();
    const call = (id: number, name: string, args: object = {}) =>
      client.post(request(id, 'tools/call', { name, arguments: args }));
    const under = [1, 2].map(id => call(id, 'sleep', { ms: 5000 }));
    await until('evergate_calls_in_flight', 2);
    const refused = await call(3, 'echo');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ code: '0009', error: { code: -32019 } });
    for (const reply of await Promise.all(under)) expect(reply.status).toBe(200);
    expect((await call(4, 'echo')).status).toBe(200);
    await client.delete();
  });

  it('held requests: the third of two is refused with 0009, the two are served', async () => {
    const go = join(dataDir, 'go');
    await checkStatus(url, 'slow', tinyServer('--start-when', go), 'OneShot');
    const held = [1, 2].map(() => knock(url, 'slow'));
    await until('evergate_requests_held', 2);
    expect((await knock(url, 'slow')).body.code).toBe('0009');
    writeFileSync(go, '');
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([
    ['the head of a request', { 'x-mcp-json': 'x'.repeat(5000) }, initialize, 431, '0013'],
    ['its body', {}, request(1, 'tools/call', { text: 'x'.repeat(10_000) }), 413, '0013'],
    ['an initialize message', {}, { ...initialize, padding: 'x'.repeat(2000) }, 413, '0013'],
    ['a config', { 'x-mcp-json': configOf(2000) }, initialize, 400, '0011'],
  ])(
    '%s: too long is refused, and the connection of nobody else suffers',
    async (_what, headers, body, status, code) => {
      const answer = await post(`${url}/mcp/stream/proxy/b`, body, headers as Record<string, string>);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect((await fetch(`${url}/health`)).status).toBe(200);
    },
  );

  it('sessions: past the bound 0009, and a place once one has ended', async () => {
    const clients: StreamableClient[] = [];
    while ((await scrape(url)).value('evergate_sessions') < 4)
      clients.push(await new StreamableClient(url, 'a').open());
    const refused = await knock(url, 'a');
    expect([refused.status, refused.body.code]).toEqual([503, '0009']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await clients.pop()?.delete();
    expect((await knock(url, 'a')).status).toBe(200);
  });
});

function configOf(bytes: number): string {
  return Buffer.from(JSON.stringify({ command: 'node', args: ['x'.repeat(bytes)] })).toString('base64');
}
