import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  configHeader,
  initialize,
  knock,
  post,
  statusOf,
  tinyServer,
} from '../../support/http-client.ts';

const node = (script: string) => ({ command: process.execPath, args: ['-e', script] });

describe('bad input and broken servers', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    gateway = await startGateway(
      join(dataDir, 'data'),
      '--start-timeout-ms',
      '1500',
      '--max-body-bytes',
      '65536',
    );
    url = gateway.url;
    await knock(url, 'bystander', { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' });
  });
  afterEach(async () => {
    expect(await callTool(url, 'bystander', 'echo', { message: 'unharmed' })).toBe('unharmed');
  });
  afterAll(async () => {
    const code = await gateway.end('SIGTERM');
    expect(code).toBe(0);
    removeDirectory(dataDir);
  });

  it.each([
    ['not base64', { 'x-mcp-json': '%%%' }, 'x-mcp-json'],
    ['base64 of what is not JSON', { 'x-mcp-json': Buffer.from('{nope').toString('base64') }, 'x-mcp-json'],
    [
      'an unknown type',
      { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Sometimes' },
      'x-mcp-type',
    ],
    ['no server', { 'x-mcp-json': configHeader({ mcpServers: {} }) }, 'mcpServers'],
    [
      'two servers',
      { 'x-mcp-json': configHeader({ mcpServers: { a: tinyServer(), b: tinyServer() } }) },
      'mcpServers',
    ],
    ['a command that is no string', { 'x-mcp-json': configHeader({ command: 7 }) }, 'command'],
  ])('a header with %s: 0011, the field named, nothing registered', async (_what, headers, field) => {
    const { status, body } = await knock(url, 'bad-header', headers);
    expect([status, body.code, body.error?.code]).toEqual([400, '0011', -32602]);
    expect(body.message).toContain(field);
    expect((await knock(url, 'bad-header')).body.code).toBe('0001');
  });

  it.each([
    ['not JSON', '{"jsonrpc":', -32700],
    ['no JSON-RPC', '{"hello":"world"}', -32600],
    ['a batch', `[${JSON.stringify(initialize)}]`, -32600],
    ['an id that is null', JSON.stringify({ ...initialize, id: null }), -32600],
  ])('a body that is %s: 0008', async (_what, text, rpcCode) => {
    const { status, body } = await post(`${url}/mcp/stream/proxy/bystander`, text);
    expect([status, body.code, body.error?.code]).toEqual([400, '0008', rpcCode]);
  });

  it('a body over the bound: 0013', async () => {
    const long = { ...initialize, params: { ...initialize.params, padding: 'x'.repeat(70_000) } };
    const { status, body } = await post(`${url}/mcp/stream/proxy/bystander`, long);
    expect([status, body.code, body.error?.code]).toEqual([413, '0013', -32600]);
  });

  const notExecutable = join(dataDir, 'not-executable');
  const file = join(dataDir, 'a-file');
  it.each([
    ['command not found', { command: 'no-such-command-anywhere' }, /command/],
    ['not executable', { command: notExecutable }, /command/],
    ['cwd missing', { ...tinyServer(), cwd: join(dataDir, 'nowhere') }, /cwd/],
    ['cwd is a file', { ...tinyServer(), cwd: file }, /cwd/],
    [
      'exits at once',
      node('console.error("cannot find my licence"); process.exit(9)'),
      /cannot find my licence/,
    ],
    [
      'prints garbage only',
      node('setInterval(() => console.log("hello, I am not a server"), 50)'),
      /initialize/,
    ],
    ['never answers initialize', node('setInterval(() => {}, 1000)'), /initialize/],
  ])('a server: %s: 0005 with the reason', async (what, server, reason) => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(notExecutable, '#!/bin/sh\n');
    chmodSync(notExecutable, 0o644);
    writeFileSync(file, '');
    const id = what.replaceAll(' ', '-');
    const { status, body } = await knock(url, id, { 'x-mcp-json': configHeader(server) });
    expect([status, body.code, body.error?.code]).toEqual([502, '0005', -32015]);
    expect(body.message).toMatch(reason);
    expect((await statusOf(url, id)).state).toBe('Ended.Failed');
  });

  it('add with a server that cannot start: 0005, and nothing stays registered', async () => {
    const { status, body } = await post(`${url}/mcp/stream/add`, {
      mcp_json_config: { command: 'no-such-command' },
    });
    expect([status, body.code, body.error]).toEqual([502, '0005', undefined]);
  });
});
