import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type CallToolResult,
  type ClientCapabilities,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, isAlive, knock, tinyServer, untilState } from '../../support/http-client.ts';

const ASKING: ClientCapabilities = { sampling: {}, elicitation: {}, roots: {} };
const FRONTS = ['streamable', 'sse'] as const;
type Front = (typeof FRONTS)[number];

const transportOf = (url: string, id: string, front: Front): Transport =>
  front === 'sse'
    ? new SSEClientTransport(new URL(`${url}/mcp/sse/proxy/${id}/sse`))
    : (new StreamableHTTPClientTransport(new URL(`${url}/mcp/stream/proxy/${id}`)) as Transport);

/** A client that answers what it is asked with its own name, and counts how often it was. */
async function connect(url: string, id: string, front: Front, name: string, capabilities = ASKING) {
  const client = new Client({ name, version: '1' }, { capabilities });
  const asked = { elicitation: 0, sampling: 0, roots: 0 };
  if (capabilities.elicitation)
    client.setRequestHandler(ElicitRequestSchema, () => {
      asked.elicitation++;
      return { action: 'accept', content: { name } };
    });
  if (capabilities.sampling)
    client.setRequestHandler(CreateMessageRequestSchema, () => {
      asked.sampling++;
      return { role: 'assistant', model: name, content: { type: 'text', text: name } };
    });
  if (capabilities.roots)
    client.setRequestHandler(ListRootsRequestSchema, () => {
      asked.roots++;
      return { roots: [{ uri: `file:///${name}` }] };
    });
  const transport = transportOf(url, id, front);
  await client.connect(transport);
  const call = async (tool: string, args: object = {}): Promise<string> => {
    const result = (await client.callTool({ name: tool, arguments: { ...args } })) as CallToolResult;
    return result.content.map(part => (part.type === 'text' ? part.text : '')).join('');
  };
  const who = async () =>
    JSON.parse(await call('who')) as { readonly pid: number; readonly initializes: number };
  const end = async () => {
    if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
    await client.close();
  };
  return { call, who, asked, end, name };
}

/** Resolves when the process has ended; the test's own timeout is the bound. */
async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(resolve => setImmediate(resolve));
}

describe('lanes', () => {
  let dataDir: string;
  let gateway: RunningGateway;
  const start = async (isolation?: string, ...flags: string[]) => {
    gateway = await startGateway(dataDir, ...flags);
    const server = { ...tinyServer(), ...(isolation !== undefined && { isolation }) };
    await checkStatus(gateway.url, 'tiny', server, 'Persistent');
    await untilState(gateway.url, 'tiny', /^Ready/);
    return gateway.url;
  };
  const client = (front: Front, name: string, capabilities?: ClientCapabilities) =>
    connect(gateway.url, 'tiny', front, name, capabilities);

  beforeEach(() => {
    dataDir = temporaryDirectory();
  });
  afterEach(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('two clients with equal ids, one on each front, are asked elicitation, sampling and roots a hundred times each: nothing crosses (invariant 8)', async () => {
    await start();
    const clients = await Promise.all(FRONTS.map(front => client(front, `client-${front}`)));
    const ROUNDS = 100;
    const work = async ({ call, name }: (typeof clients)[number], round: number) => {
      const [echo, elicited, sampled, roots] = await Promise.all([
        call('echo', { message: `${name} ${round}` }),
        call('ask_client', { kind: 'elicitation' }),
        call('ask_client', { kind: 'sampling' }),
        call('ask_client', { kind: 'roots' }),
      ]);
      expect(echo).toBe(`${name} ${round}`);
      expect(JSON.parse(elicited)).toEqual({ result: { action: 'accept', content: { name } } });
      expect(JSON.parse(sampled).result.model).toBe(name);
      expect(JSON.parse(roots).result.roots).toEqual([{ uri: `file:///${name}` }]);
    };
    for (let round = 0; round < ROUNDS; round++) await Promise.all(clients.map(one => work(one, round)));
    const each = { elicitation: ROUNDS, sampling: ROUNDS, roots: ROUNDS };
    expect(clients.map(({ asked }) => asked)).toEqual([each, each]);
    await Promise.all(clients.map(({ end }) => end()));
  }, 180_000);

  it('auto: clients that can be asked have a backend each, which ends with their session; all others share the first', async () => {
    await start();
    const asking = await Promise.all(FRONTS.map(front => client(front, front)));
    const plain = await Promise.all(FRONTS.map(front => client(front, front, {})));
    const own = await Promise.all(asking.map(async ({ who }) => (await who()).pid));
    const shared = await Promise.all(plain.map(async ({ who }) => (await who()).pid));
    expect([new Set(own).size, new Set(shared).size, new Set([...own, ...shared]).size]).toEqual([2, 1, 3]);
    await Promise.all(asking.map(({ end }) => end()));
    await Promise.all(own.map(untilGone));
    expect(shared.every(isAlive)).toBe(true);
    await Promise.all(plain.map(({ end }) => end()));
  }, 60_000);

  it('session: every client has a backend of its own', async () => {
    await start('session');
    const plain = await Promise.all(FRONTS.map(front => client(front, front, {})));
    const pids = await Promise.all(plain.map(async ({ who }) => (await who()).pid));
    expect(new Set(pids).size).toBe(2);
    await Promise.all(plain.map(({ end }) => end()));
    await Promise.all(pids.map(untilGone));
  }, 60_000);

  it('shared: one backend that may ask; what it asks with one owner is answered, with two it is refused (invariant 8)', async () => {
    await start('shared');
    const [one, other] = await Promise.all(FRONTS.map(front => client(front, front)));
    if (one === undefined || other === undefined) throw new Error('two clients');
    expect((await one.who()).pid).toBe((await other.who()).pid);
    expect(JSON.parse(await one.call('ask_client')).result.content).toEqual({ name: 'streamable' });
    other.call('hang').catch(() => {}); // under way when the other asks; it ends with its session
    while (JSON.parse(await one.call('who')).inFlight === 0);
    expect(JSON.parse(await one.call('ask_client')).error.code).toBe(-32601);
    expect(other.asked.elicitation).toBe(0);
    await Promise.all([one.end(), other.end()]);
  }, 60_000);

  it('past maxLanesPerService a client that needs its own is refused with 0009, and served when another has gone', async () => {
    const url = await start('session', '--max-lanes-per-service', '2');
    const first = await client('streamable', 'first', {});
    const { pid } = await first.who();
    expect((await knock(url, 'tiny')).body.code).toBe('0009');
    await first.end();
    await untilGone(pid);
    let again = await knock(url, 'tiny');
    while (again.body.code === '0009') again = await knock(url, 'tiny');
    expect(again.status).toBe(200);
  }, 60_000);

  it('kill -9 of a client’s backend ends that alone; its next request gets another, and nobody else notices', async () => {
    await start();
    const [one, other] = await Promise.all(FRONTS.map(front => client(front, front)));
    if (one === undefined || other === undefined) throw new Error('two clients');
    const before = [(await one.who()).pid, (await other.who()).pid];
    process.kill(Number(before[0]), 'SIGKILL');
    await untilGone(Number(before[0]));
    const again = async (): Promise<number> => one.who().then(({ pid }) => pid, again);
    expect(before).not.toContain(await again());
    expect((await other.who()).pid).toBe(before[1]);
    expect(JSON.parse(await one.call('ask_client')).result.content).toEqual({ name: 'streamable' });
    await Promise.all([one.end(), other.end()]);
  }, 60_000);

  it('kill -9 of the gateway: no backend of any session is left after the next boot (invariant 9)', async () => {
    await start();
    const clients = await Promise.all(FRONTS.map(front => client(front, front)));
    const pids = await Promise.all(clients.map(async ({ who }) => (await who()).pid));
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 60_000);

  it('SIGTERM to the gateway ends the backends of all sessions (invariant 9)', async () => {
    await start();
    const clients = await Promise.all(FRONTS.map(front => client(front, front)));
    const pids = await Promise.all(clients.map(async ({ who }) => (await who()).pid));
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 60_000);
});
