import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type CallToolResult, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  checkStatus,
  knock,
  post,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';
import { progressOn } from '../../support/progress.ts';
import { type RemoteProcess, startEverything } from '../../support/remote-process.ts';
import { json, RemoteServer, stream } from '../../support/remote-server.ts';

const FRONTS = ['streamable', 'sse'] as const;

const textOf = (result: unknown) =>
  (result as CallToolResult).content.map(part => (part.type === 'text' ? part.text : '')).join('');

async function withClient<T>(
  url: string,
  front: (typeof FRONTS)[number],
  id: string,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const transport =
    front === 'sse'
      ? new SSEClientTransport(new URL(`${url}/mcp/sse/proxy/${id}/sse`))
      : (new StreamableHTTPClientTransport(new URL(`${url}/mcp/stream/proxy/${id}`)) as Transport);
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe('remote third-party servers', () => {
  const dataDir = temporaryDirectory();
  const remotes: RemoteProcess[] = [];
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(dataDir);
    const [streamable, sse] = await Promise.all([startEverything('streamableHttp'), startEverything('sse')]);
    remotes.push(streamable, sse);
    const { url } = gateway;
    await checkStatus(url, 'streamable', { url: `${streamable.origin}/mcp`, type: 'http' }, 'Persistent');
    await checkStatus(url, 'sse', { url: `${sse.origin}/sse`, type: 'sse' }, 'Persistent');
    await checkStatus(url, 'detect-streamable', { url: `${streamable.origin}/mcp` }, 'OneShot');
    await checkStatus(url, 'detect-sse', { url: `${sse.origin}/sse` }, 'OneShot');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    await Promise.all(remotes.map(remote => remote.end()));
    removeDirectory(dataDir);
  });

  const kinds = ['streamable', 'sse', 'detect-streamable', 'detect-sse'];
  it.each(FRONTS.flatMap(front => kinds.map(kind => [front, kind] as const)))(
    'through the %s front, a remote that is %s: tools, progress, and clients that do not get in the way of each other',
    async (front, kind) => {
      const answers = await Promise.all(
        [1, 2, 3].map(n =>
          withClient(gateway.url, front, kind, async client => {
            const progress = progressOn(client);
            const long = client.callTool(
              { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } },
              undefined,
              { onprogress: () => {} },
            );
            const echo = await client.callTool({ name: 'echo', arguments: { message: `${n}` } });
            await long;
            return [textOf(echo), progress];
          }),
        ),
      );
      expect(answers).toEqual([1, 2, 3].map(n => [`Echo: ${n}`, [1, 2]]));
    },
  );
});

describe('a chain: client → Evergate → Evergate → server', () => {
  const dataDirs = [temporaryDirectory(), temporaryDirectory()] as const;
  const gateways: RunningGateway[] = [];
  let near = '';

  beforeAll(async () => {
    const [first, second] = await Promise.all(dataDirs.map(dataDir => startGateway(dataDir)));
    if (first === undefined || second === undefined) throw new Error('no gateways');
    gateways.push(first, second);
    near = second.url;
    await checkStatus(first.url, 'tiny', tinyServer(), 'Persistent');
    const streamable = { url: `${first.url}/mcp/stream/proxy/tiny`, type: 'streamable-http' };
    await checkStatus(near, 'streamable', streamable, 'Persistent');
    await checkStatus(near, 'sse', { url: `${first.url}/mcp/sse/proxy/tiny/sse`, type: 'sse' }, 'Persistent');
  });
  afterAll(async () => {
    await Promise.all(gateways.map(gateway => gateway.end('SIGTERM')));
    for (const dataDir of dataDirs) removeDirectory(dataDir);
  });

  it.each(FRONTS.flatMap(front => ['streamable', 'sse'].map(kind => [front, kind] as const)))(
    'with the %s front and a remote that is %s: calls, errors, and requests of the server come through',
    async (front, kind) => {
      await withClient(near, front, kind, async client => {
        client.setRequestHandler(ElicitRequestSchema, () => ({
          action: 'accept' as const,
          content: { name: `${front} ${kind}` },
        }));
        expect(textOf(await client.callTool({ name: 'echo', arguments: { message: 'ä😀' } }))).toBe('ä😀');
        const asked = await client.callTool({ name: 'ask_client', arguments: { kind: 'elicitation' } });
        expect(textOf(asked)).toContain(`${front} ${kind}`);
        await expect(client.callTool({ name: 'no such tool', arguments: {} })).rejects.toThrow();
        await expect(client.ping()).resolves.toEqual({});
      });
    },
  );
});

describe('a remote that goes away', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '200', '--restart-cooldown-max-ms', '400');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('Ready → Unhealthy → CoolingDown → Ready when it is back', async () => {
    const server = await RemoteServer.start();
    server.answers.set('GET', exchange => stream(exchange));
    server.answers.set('tools/call', json({ content: [{ type: 'text', text: 'here' }] }));
    const config = { url: `${server.url}?key=sesame`, type: 'http', maxRetries: 1, retryMinBackoffMs: 10 };
    await checkStatus(gateway.url, 'remote', config, 'Persistent');
    await untilState(gateway.url, 'remote', /^Ready/);
    await server.next('GET');
    expect(await callTool(gateway.url, 'remote', 'x', {})).toBe('here');
    await server.stop();
    await untilState(gateway.url, 'remote', /^CoolingDown/);
    const { lastError } = await statusOf(gateway.url, 'remote');
    expect(lastError).toContain(`${server.origin} cannot be reached (ECONNREFUSED)`);
    await server.listen();
    await untilState(gateway.url, 'remote', /^Ready/);
    expect(await callTool(gateway.url, 'remote', 'x', {})).toBe('here');
    await expect.poll(() => gateway.log()).toMatch(/"to":"Unhealthy/);
    expect(gateway.log()).not.toContain('sesame');
  });

  it('nothing of a client’s own HTTP request gets to the remote', async () => {
    const server = await RemoteServer.start();
    const config = { url: server.url, type: 'http', authToken: 'of-the-config' };
    await checkStatus(gateway.url, 'headers', config, 'OneShot');
    const mine = { authorization: 'Bearer of-the-client', cookie: 'a=b', 'x-mine': '1', traceparent: 'x' };
    const opened = await knock(gateway.url, 'headers', mine);
    const session = opened.headers.get('mcp-session-id') ?? '';
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'x' } };
    await post(`${gateway.url}/mcp/stream/proxy/headers`, call, { ...mine, 'mcp-session-id': session });
    expect(server.of('tools/call')).toHaveLength(1);
    for (const { headers } of server.exchanges) {
      expect(headers.authorization).toBe('Bearer of-the-config');
      for (const name of ['cookie', 'x-mine', 'traceparent']) expect(headers).not.toHaveProperty(name);
      expect(headers['mcp-session-id']).not.toBe(session);
    }
  });

  it('a private address is refused, with the setting that allows it', async () => {
    await checkStatus(gateway.url, 'private', { url: 'http://10.0.0.1:9/mcp' }, 'OneShot');
    const { lastError } = await untilState(gateway.url, 'private', /^(Ended|CoolingDown)/);
    expect(lastError).toMatch(/http:\/\/10\.0\.0\.1:9 is at a private address.*allowedPrivateHosts/);
  });
});
