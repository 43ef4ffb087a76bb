/** What configs may do is the operator's to say: commands, hosts, secrets (docs/security.md). */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  checkStatus,
  configHeader,
  knock,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';

const ref = (text: string) => `\${${text}}`;
const tinyPath = tinyServer().args[0] ?? '';

describe('with allowedCommands and allowedRemoteHosts', () => {
  const dataDir = temporaryDirectory();
  const trace = join(dataDir, 'trace');
  const touch = { command: '/usr/bin/touch', args: [trace] };
  const POLICY = [
    `--allowed-commands=${process.execPath} ${tinyPath}`,
    `--allowed-directories=${join(dataDir, 'work')}`,
    '--allowed-remote-hosts=*.mcp.example',
    '--restart-cooldown-ms=50',
  ];
  let gateway: RunningGateway;

  beforeAll(async () => {
    mkdirSync(join(dataDir, 'work', 'deep'), { recursive: true });
    symlinkSync('..', join(dataDir, 'work', 'link'));
    gateway = await startGateway(join(dataDir, 'data'), ...POLICY);
  });
  afterEach(() => expect(existsSync(trace)).toBe(false));
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('what is listed runs, where it is listed', async () => {
    const { url } = gateway;
    const placed = { ...tinyServer(), cwd: join(dataDir, 'work', 'deep') };
    expect((await knock(url, 'placed', { 'x-mcp-json': configHeader(placed) })).status).toBe(200);
    const knocked = await knock(url, 'tiny', {
      'x-mcp-json': configHeader(tinyServer()),
      'x-mcp-type': 'Persistent',
    });
    expect(knocked.status).toBe(200);
  });

  it.each([
    ['another command', touch, 'command is not allowed'],
    ['a shell', { command: 'sh', args: ['-c', `touch ${trace}`] }, 'command is not allowed'],
    [
      'other arguments',
      { ...tinyServer(), args: ['-e', `fs.writeFileSync('${trace}', '')`] },
      'command is not allowed',
    ],
    [
      'a variable that loads code',
      { ...tinyServer(), env: { NODE_OPTIONS: `--require ${trace}` } },
      'env.NODE_OPTIONS may not be set',
    ],
    ['a directory of its own', { ...tinyServer(), cwd: dataDir }, 'cwd is in no directory of the setting'],
    [
      'a link out of the directories that are listed',
      { ...tinyServer(), cwd: join(dataDir, 'work', 'link') },
      'cwd is in no directory of the setting',
    ],
    ['another host', { url: 'https://evil.example/mcp' }, 'url is at a host'],
    [
      'a variable of the gateway',
      { ...tinyServer(), env: { X: ref('env:HOME') } },
      'env.X refers to the variable',
    ],
    [
      'a file of the machine',
      { ...tinyServer(), env: { X: ref('file:/etc/passwd') } },
      'env.X refers to a file',
    ],
    [
      'a limit nobody can keep',
      { ...tinyServer(), limits: { cpuPercent: 50 } },
      'limits.cpuPercent needs a cgroup',
    ],
  ])('%s is refused at every door, and nothing is registered or started', async (_what, server, problem) => {
    const { url } = gateway;
    const answers = [
      await checkStatus(url, 'x', server, 'OneShot'),
      await knock(url, 'x', { 'x-mcp-json': configHeader(server) }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([403, '0012']);
      expect(body.message).toContain(problem);
    }
    expect((await statusOf(url, 'x')).state).toBeNull();
  });

  it('a service that serves keeps its config when another is refused', async () => {
    const { url } = gateway;
    const refused = await knock(url, 'tiny', { 'x-mcp-json': configHeader(touch) });
    expect(refused.status).toBe(403);
    expect(await callTool(url, 'tiny', 'echo', { message: 'as before' })).toBe('as before');
  });

  it('what was registered before the settings changed is not started any more, and says why', async () => {
    await gateway.end('SIGTERM');
    const elsewhere = join(dataDir, 'earlier');
    const open = await startGateway(elsewhere, '--warmup=lazy');
    await knock(open.url, 'old', {
      'x-mcp-json': configHeader({ ...tinyServer(), cwd: '/' }),
      'x-mcp-type': 'Persistent',
    });
    await open.end('SIGTERM');
    gateway = await startGateway(elsewhere, '--allowed-commands=uvx', '--max-start-failures=1');
    const status = await untilState(gateway.url, 'old', /^Ended/);
    expect(status.lastError).toBe('command is not allowed, with these args, by the setting allowedCommands');
  });
});

describe('secrets by reference', () => {
  const dataDir = temporaryDirectory();
  const secretsDir = join(dataDir, 'secrets');
  let gateway: RunningGateway;

  beforeAll(async () => {
    mkdirSync(secretsDir);
    writeFileSync(join(secretsDir, 'token'), 'from-a-file\n');
    const variables = {
      MCP_SECRET_KEY: 'from-a-variable',
      PRIVATE_KEY: 'not-yours',
      HTTPS_PROXY: 'http://proxy',
    };
    const flags = [`--secrets-dir=${secretsDir}`, '--inherited-variables=HTTPS_PROXY'];
    gateway = await startGatewayWith(variables, join(dataDir, 'data'), ...flags);
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('reach the backend, which gets nothing else of the gateway’s environment', async () => {
    const env = { A: ref('env:MCP_SECRET_KEY'), B: `x-${ref('file:token')}` };
    const { url } = gateway;
    const header = { 'x-mcp-json': configHeader({ ...tinyServer(), env }) };
    expect((await knock(url, 'refs', header)).status).toBe(200);
    const seen = JSON.parse(await callTool(url, 'refs', 'env', {}));
    expect(seen).toMatchObject({ A: 'from-a-variable', B: 'x-from-a-file', HTTPS_PROXY: 'http://proxy' });
    expect(Object.keys(seen)).not.toContain('MCP_SECRET_KEY');
    expect(Object.keys(seen)).not.toContain('PRIVATE_KEY');
  });

  it('that are not there fail the start, with the name of the field', async () => {
    const { url } = gateway;
    const server = { ...tinyServer(), env: { A: ref('file:missing') } };
    const { status, body } = await knock(url, 'missing', { 'x-mcp-json': configHeader(server) });
    expect([status, body.code]).toEqual([502, '0005']);
    expect(body.message).toContain('env.A refers to the file "missing", which cannot be read (ENOENT)');
  });

  it('given a named pipe in place of a file, then the start fails at once, and the gateway does not wait for whoever writes', async () => {
    execFileSync('mkfifo', [join(secretsDir, 'pipe')]);
    const waiting = await startGateway(join(dataDir, 'pipes'), `--secrets-dir=${secretsDir}`);
    onTestFinished(() => void waiting.process.kill('SIGKILL'));
    const server = { ...tinyServer(), env: { A: ref('file:pipe') } };
    const { status, body } = await knock(waiting.url, 'pipe', { 'x-mcp-json': configHeader(server) });
    expect([status, body.code]).toEqual([502, '0005']);
    expect(body.message).toContain('env.A refers to "pipe", which is no regular file');
    expect(await waiting.end('SIGTERM')).toBe(0);
  });

  it('are read anew for each start', async () => {
    const { url } = gateway;
    const server = { ...tinyServer(), env: { B: ref('file:token') } };
    const header = { 'x-mcp-json': configHeader(server) };
    await knock(url, 'rotated', header);
    writeFileSync(join(secretsDir, 'token'), 'rotated');
    await callTool(url, 'rotated', 'crash', {}).catch(() => 'it ended');
    await untilState(url, 'rotated', /^Ended/);
    await knock(url, 'rotated', header);
    expect(await callTool(url, 'rotated', 'env', { name: 'B' })).toBe('{"B":"rotated"}');
  });
});
