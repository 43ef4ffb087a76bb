import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus } from '../../support/http-client.ts';
import { progressOn } from '../../support/progress.ts';

const server = (name: string, ...args: string[]) => ({
  command: process.execPath,
  args: [
    new URL(`../../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url).pathname,
    ...args,
  ],
});

const textOf = (result: unknown) =>
  (result as CallToolResult).content.map(part => (part.type === 'text' ? part.text : '')).join('');

describe('clients of the SDK in front of third-party servers', () => {
  const dataDir = temporaryDirectory();
  const files = join(dataDir, 'files');
  let gateway: RunningGateway;

  beforeAll(async () => {
    mkdirSync(files);
    writeFileSync(join(files, 'hello.txt'), 'hello from a file');
    gateway = await startGateway(join(dataDir, 'data'));
    const { url } = gateway;
    await checkStatus(url, 'everything', server('server-everything'), 'Persistent');
    await checkStatus(url, 'filesystem', server('server-filesystem', files), 'Persistent');
    const memory = { ...server('server-memory'), env: { MEMORY_FILE_PATH: join(dataDir, 'memory.jsonl') } };
    await checkStatus(url, 'memory', memory, 'OneShot');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  const streamable = (id: string): Transport =>
    new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/stream/proxy/${id}`)) as Transport;
  const sse = (id: string): Transport =>
    new SSEClientTransport(new URL(`${gateway.url}/mcp/sse/proxy/${id}/sse`));

  async function withClient<T>(transport: Transport, use: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  it('8 clients at once, half of them on each front: tools are listed and called, progress arrives, nothing crosses', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        withClient(n % 2 === 0 ? streamable('everything') : sse('everything'), async client => {
          const { tools } = await client.listTools();
          expect(tools.map(({ name }) => name)).toContain('echo');
          const progress = progressOn(client);
          const long = client.callTool(
            { name: 'trigger-long-running-operation', arguments: { duration: 0.3 + n / 20, steps: 3 } },
            undefined,
            { onprogress: () => {} },
          );
          const echo = await client.callTool({ name: 'echo', arguments: { message: `client ${n}` } });
          expect(textOf(await long)).toContain('Long running operation completed');
          return { echo: textOf(echo), progress };
        }),
      ),
    );
    expect(answers.map(({ echo }) => echo)).toEqual(answers.map((_, n) => `Echo: client ${n}`));
    expect(answers.map(({ progress }) => progress)).toEqual(answers.map(() => [1, 2, 3]));
  });

  it.each(['streamable', 'sse'])('the filesystem server reads a file (%s)', async front => {
    const transport = front === 'sse' ? sse('filesystem') : streamable('filesystem');
    const path = join(files, 'hello.txt');
    const text = await withClient(transport, async client => {
      expect((await client.listTools()).tools.length).toBeGreaterThan(5);
      return textOf(await client.callTool({ name: 'read_text_file', arguments: { path } }));
    });
    expect(text).toBe('hello from a file');
  });

  it('the memory server keeps what one front wrote for a client of the other', async () => {
    const entities = [{ name: 'Evergate', entityType: 'gateway', observations: ['keeps servers alive'] }];
    await withClient(streamable('memory'), client =>
      client.callTool({ name: 'create_entities', arguments: { entities } }),
    );
    const graph = await withClient(sse('memory'), client =>
      client.callTool({ name: 'read_graph', arguments: {} }),
    );
    expect(textOf(graph)).toContain('keeps servers alive');
  });
});
