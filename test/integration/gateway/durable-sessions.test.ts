import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CuttableProxy, cuttableProxy } from '../../support/cuttable-proxy.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, tinyServer, untilState } from '../../support/http-client.ts';
import { request, SseReader, StreamableClient } from '../../support/mcp-client.ts';

const call = (id: number, name: string, args: object = {}) =>
  request(id, 'tools/call', { name, arguments: args });

const TIMEOUT_MS = 90_000;

/** Streams begin at once, so that there is something to resume. */
const FLAGS = ['--keep-alive-ms', '20', '--stream-retry-ms', '50'];

describe('sessions over a kill -9 of the gateway', { timeout: TIMEOUT_MS }, () => {
  let dataDir: string;
  let gateway: RunningGateway;

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    gateway = await startGateway(dataDir, ...FLAGS);
    await checkStatus(gateway.url, 'tiny', tinyServer(), 'Persistent');
    await untilState(gateway.url, 'tiny', /^Ready/);
  });
  afterEach(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  async function killAndStart(): Promise<void> {
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir, ...FLAGS);
  }

  it('a client goes on calling with its session id, without initialize; of another service the id is unknown', async () => {
    const { sessionId } = await new StreamableClient(gateway.url, 'tiny').open();
    await killAndStart();
    const client = new StreamableClient(gateway.url, 'tiny');
    client.sessionId = sessionId;
    for (const id of [1, 2]) {
      const answer = await (await client.post(call(id, 'echo', { message: `hello ${id}` }))).text();
      expect(answer).toContain(`hello ${id}`);
    }
    const other = new StreamableClient(gateway.url, 'other');
    other.sessionId = sessionId;
    expect((await other.post(call(3, 'echo'))).status).toBe(404);
    expect((await client.delete()).status).toBe(200);
    await killAndStart();
    const again = new StreamableClient(gateway.url, 'tiny');
    again.sessionId = sessionId;
    expect((await again.post(call(4, 'echo'))).status).toBe(404);
  });

  it('a session goes with its service: when the id is taken again, it is unknown', async () => {
    const client = await new StreamableClient(gateway.url, 'tiny').open();
    await fetch(`${gateway.url}/mcp/config/delete/tiny`, { method: 'DELETE' });
    await checkStatus(gateway.url, 'tiny', tinyServer(), 'Persistent');
    expect((await client.post(call(1, 'echo'))).status).toBe(404);
  });

  it('a call that was in flight gets an error when its stream is resumed, and then there is nothing to come', async () => {
    const client = await new StreamableClient(gateway.url, 'tiny').open();
    const { sessionId } = client;
    const reader = new SseReader(await client.post(call(7, 'hang')));
    const lastId = (await reader.any())?.id ?? '';
    await killAndStart();
    const again = new StreamableClient(gateway.url, 'tiny');
    again.sessionId = sessionId;
    const resumed = new SseReader(await again.get({ 'last-event-id': lastId }));
    const error = await resumed.next();
    expect(JSON.parse(error?.data ?? '')).toMatchObject({
      id: 7,
      error: { message: expect.stringContaining('unknown'), data: { delivered: true } },
    });
    expect(await resumed.next()).toBeUndefined();
    expect((await again.get({ 'last-event-id': error?.id ?? '' })).status).toBe(204);
  });

  it('the outcome of a call that nobody was there to read is replayed', async () => {
    const client = await new StreamableClient(gateway.url, 'tiny').open();
    const { sessionId } = client;
    const reader = new SseReader(await client.post(call(7, 'hold')));
    const lastId = (await reader.any())?.id ?? '';
    await reader.cancel();
    await (await client.post(call(8, 'release'))).text();
    while (JSON.parse(await who(client)).inFlight > 0);
    // A look at the stream writes what is kept of it.
    await (await client.get({ 'last-event-id': lastId })).text();
    await killAndStart();
    const again = new StreamableClient(gateway.url, 'tiny');
    again.sessionId = sessionId;
    const text = await (await again.get({ 'last-event-id': lastId })).text();
    expect(text).toContain('"released"');
  });
});

async function who(client: StreamableClient): Promise<string> {
  const text = await (await client.post(call(100, 'who'))).text();
  const json = text.slice(text.lastIndexOf('{"jsonrpc"')).split('\n')[0] ?? '';
  return JSON.parse(json).result.content[0].text;
}

describe('a client of the SDK', { timeout: TIMEOUT_MS }, () => {
  let dataDir: string;
  let gateway: RunningGateway;
  let proxy: CuttableProxy;

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    gateway = await startGateway(dataDir, ...FLAGS);
    await checkStatus(gateway.url, 'tiny', tinyServer(), 'Persistent');
    proxy = await cuttableProxy(gateway.url);
  });
  afterEach(async () => {
    await proxy.close();
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  async function connected(): Promise<Client> {
    const client = new Client({ name: 'sdk', version: '1.0.0' });
    const url = new URL(`${proxy.url}/mcp/stream/proxy/tiny`);
    const reconnectionOptions = {
      initialReconnectionDelay: 50,
      maxReconnectionDelay: 50,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 1_000,
    };
    await client.connect(new StreamableHTTPClientTransport(url, { reconnectionOptions }) as Transport);
    return client;
  }

  it('gets the result of a call although its connection broke, with all of its progress', async () => {
    const client = await connected();
    const progress: number[] = [];
    const called = client.callTool({ name: 'sleep', arguments: { ms: 1_000 } }, undefined, {
      onprogress: ({ progress: step }) => {
        progress.push(step);
        if (step === 3 || step === 6) proxy.cut();
      },
    });
    expect((await called).content).toEqual([{ type: 'text', text: 'slept 1000 ms' }]);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await client.close();
  });

  it('gets an error for its call, and goes on, when the gateway was killed meanwhile', async () => {
    const client = await connected();
    let begun: () => void = () => {};
    const beginning = new Promise<void>(resolve => {
      begun = resolve;
    });
    const called = client.callTool({ name: 'sleep', arguments: { ms: 20_000 } }, undefined, {
      onprogress: begun,
    });
    const failed = expect(called).rejects.toThrow(/unknown/);
    await beginning;
    proxy.target = null;
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir, ...FLAGS);
    proxy.target = gateway.url;
    await failed;
    const echo = await client.callTool({ name: 'echo', arguments: { message: 'still here' } });
    expect(echo.content).toEqual([{ type: 'text', text: 'still here' }]);
    await client.close();
  });
});
