import { join } from 'node:path';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus } from '../../support/http-client.ts';

const script = new URL(
  '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
  import.meta.url,
).pathname;
const everything = (tools: object) => ({ command: process.execPath, args: [script], tools });
const dual = (tools: object) => ({
  command: process.execPath,
  args: [new URL('../../fixtures/conformance/dual-server.mjs', import.meta.url).pathname],
  tools,
});
const echo = { name: 'echo', arguments: { message: 'hi' } };
const sum = { name: 'get-sum', arguments: { a: 1, b: 2 } };

describe('a service with tools.allow or tools.deny', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(join(dataDir, 'data'));
    await checkStatus(gateway.url, 'allowing', everything({ allow: ['echo'] }), 'Persistent');
    await checkStatus(gateway.url, 'denying', everything({ deny: ['get-*'] }), 'Persistent');
    await checkStatus(gateway.url, 'dual', dual({ allow: ['test_simple_text'] }), 'Persistent');
    await checkStatus(gateway.url, 'open', everything({}), 'Persistent');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  const fronts: Record<string, (id: string) => Transport> = {
    streamable: id =>
      new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/stream/proxy/${id}`)) as Transport,
    sse: id => new SSEClientTransport(new URL(`${gateway.url}/mcp/sse/proxy/${id}/sse`)),
  };

  async function withClient<T>(front: string, id: string, use: (client: Client) => Promise<T>): Promise<T> {
    const transport = fronts[front]?.(id);
    if (transport === undefined) throw new Error(`no front ${front}`);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  const toolNames = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

  it.each(Object.keys(fronts))('%s: lists allowed tools only, calls them, and knows no others', front =>
    withClient(front, 'allowing', async client => {
      expect(await toolNames(client)).toEqual(['echo']);
      expect(await client.callTool(echo)).toMatchObject({ content: [{ text: 'Echo: hi' }] });
      await expect(client.callTool(sum)).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining('Unknown tool: get-sum'),
      });
    }),
  );

  it.each(Object.keys(fronts))('%s: lists all tools but the denied ones, and refuses those', async front => {
    const all = await withClient(front, 'open', toolNames);
    expect(all).toContain('get-sum');
    await withClient(front, 'denying', async client => {
      expect(await toolNames(client)).toEqual(all.filter(name => !name.startsWith('get-')));
      expect(await client.callTool(echo)).toMatchObject({ content: [{ text: 'Echo: hi' }] });
      await expect(client.callTool(sum)).rejects.toMatchObject({ code: -32602 });
    });
  });

  it('a modern client gets the same: allowed tools only, and knows no others', async () => {
    const versionNegotiation = { mode: { pin: '2026-07-28' } };
    const client = new ModernClient({ name: 'test', version: '1' }, { versionNegotiation });
    await client.connect(new ModernTransport(new URL(`${gateway.url}/mcp/stream/proxy/dual`)));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['test_simple_text']);
    expect(await client.callTool({ name: 'test_simple_text', arguments: {} })).toMatchObject({
      content: [{ type: 'text' }],
    });
    await expect(client.callTool({ name: 'test_image_content', arguments: {} })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('Unknown tool: test_image_content'),
    });
    await client.close();
  });
});
