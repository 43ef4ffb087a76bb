/** What becomes of a gateway that cannot start, is stopped while it starts, or has to stop at once (invariant 9). */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { livingNow } from '../../../src/backends/stdio/process-table.ts';
import { gatewayArgv } from '../../support/gateway-build.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, knock, tinyServer, untilState } from '../../support/http-client.ts';

let directory: string;
let pids: string;
let running: ChildProcess[];

beforeEach(() => {
  directory = temporaryDirectory();
  pids = join(directory, 'pids');
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const pid of descendants()) process.kill(pid, 'SIGKILL');
  removeDirectory(directory);
});

/** A server that outlives SIGTERM and the end of its stdin, and notes its process id. */
const stubborn = () => tinyServer('--ignore-sigterm', '--state', pids);

const started = () => {
  try {
    return readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  } catch {
    return []; // none has started yet
  }
};
/** Processes that live and bear the mark of this data directory. */
const descendants = () => {
  const instance = createHash('sha256')
    .update(realpathSync(join(directory, 'data')))
    .digest('hex')
    .slice(0, 16);
  return livingNow()
    .filter(({ cookie }) => cookie?.startsWith(instance))
    .map(({ pid }) => pid);
};

/** A gateway that is not waited for. */
function begin(...flags: string[]): { child: ChildProcess; said: () => string; exit: Promise<unknown[]> } {
  const argv = [...gatewayArgv(), '--data-dir', join(directory, 'data'), ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', text => {
    said += text;
  });
  return { child, said: () => said, exit: once(child, 'exit') };
}

async function start(...flags: string[]): Promise<RunningGateway> {
  const gateway = await startGateway(join(directory, 'data'), ...flags);
  running.push(gateway.process);
  return gateway;
}

/** Services of which one runs whenever the gateway does. */
async function owed(server: object = stubborn()): Promise<void> {
  const gateway = await start();
  await checkStatus(gateway.url, 'owed', server, 'Persistent');
  await untilState(gateway.url, 'owed', /^Ready/);
  await gateway.end('SIGKILL');
}

describe('given a gateway that cannot start', () => {
  let taken: Server;
  beforeEach(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterEach(() => void taken.close());
  const port = () => String((taken.address() as { port: number }).port);

  it('when its port is in use, then it says so and exits', async () => {
    const { exit, said } = begin('--port', port());
    expect(await exit).toEqual([1, null]);
    expect(said()).toContain(
      `port ${port()} is in use; end the program that listens there, or choose another --port`,
    );
  });

  it('when its port is in use, then the services that it has woken are ended first', async () => {
    await owed();
    const { exit, said } = begin('--port', port(), '--stop-grace-ms', '100');
    expect(await exit).toEqual([1, null]);
    expect(said()).toContain('"event":"gateway restarted"');
    expect(descendants()).toEqual([]);
  });

  it('when a server file is at fault, then the services that it has woken are ended first', async () => {
    await owed();
    const file = join(directory, 'mcp.json');
    writeFileSync(file, '{');
    const { exit, said } = begin('--port', '0', '--mcp-config', file, '--stop-grace-ms', '100');
    expect(await exit).toEqual([1, null]);
    expect(said()).toContain('mcp.json');
    expect(descendants()).toEqual([]);
  });
});

it('given a gateway that starts, when SIGTERM comes, then it stops, and nothing of it is left', async () => {
  const file = join(directory, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { kept: stubborn(), left: stubborn() } }));
  const first = await start('--mcp-config', file);
  for (const id of ['kept', 'left']) await untilState(first.url, id, /^Ready/);
  await first.end('SIGKILL');
  writeFileSync(file, JSON.stringify({ mcpServers: { kept: stubborn() } }));
  const before = started().length;
  // It does not listen before what left the file has ended, which takes as long as the grace.
  const { child, exit } = begin('--port', '0', '--mcp-config', file, '--stop-grace-ms', '1000');
  await expect.poll(() => started().length).toBeGreaterThan(before);
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(descendants()).toEqual([]);
});

it('given a gateway that ends what an earlier life left, when two signals come, then nothing of that is left either', async () => {
  const terms = join(directory, 'terms');
  const notes = `import fs from 'node:fs'; process.on('SIGTERM', () => fs.writeFileSync('${terms}', ''))`;
  const server = stubborn();
  await owed({
    ...server,
    args: ['--import', `data:text/javascript,${encodeURIComponent(notes)}`, ...server.args],
  });
  const { child, exit, said } = begin('--port', '0');
  await expect.poll(() => existsSync(terms), { interval: 5 }).toBe(true);
  child.kill('SIGTERM');
  await expect.poll(said, { interval: 5 }).toContain('"msg":"stopping"');
  child.kill('SIGTERM');
  await exit;
  await expect.poll(descendants).toEqual([]);
});

it('given a gateway that stops, when a second signal comes, then it exits at once, and its backends with it', async () => {
  const gateway = await start('--stop-grace-ms', '60000');
  await checkStatus(gateway.url, 'stubborn', stubborn(), 'Persistent');
  await untilState(gateway.url, 'stubborn', /^Ready/);
  const exit = once(gateway.process, 'exit');
  gateway.process.kill('SIGINT');
  await expect.poll(() => gateway.log()).toContain('"msg":"stopping"');
  gateway.process.kill('SIGINT');
  expect(await exit).toEqual([1, null]);
  await expect.poll(descendants).toEqual([]);
});

const descriptorsOf = ({ pid }: ChildProcess) => readdirSync(`/proc/${pid}/fd`).length;

/** A gateway under a shell's command that changes what it has. Resolves with where it listens. */
async function under(prelude: string): Promise<{ child: ChildProcess; url: string }> {
  const argv = [...gatewayArgv(), '--port', '0', '--data-dir', join(directory, 'data')];
  const quoted = [process.execPath, ...argv].map(arg => `'${arg}'`).join(' ');
  const child = spawn('sh', ['-c', `${prelude.replace('GATEWAY', `exec ${quoted}`)}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let out = '';
  for await (const text of child.stdout?.setEncoding('utf8') ?? []) {
    out += text;
    const [, url] = /^Evergate listens on (\S+)$/m.exec(out) ?? [];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`it did not listen: ${out}`);
}

it('given a log that cannot be written anywhere, then its services are served all the same', async () => {
  const { child, url } = await under('GATEWAY 2>/dev/full');
  expect((await fetch(`${url}/nope`)).status).toBe(404);
  await checkStatus(url, 'tiny', tinyServer(), 'OneShot');
  await untilState(url, 'tiny', /^Ready/);
  expect((await knock(url, 'tiny')).status).toBe(200);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

it('given connections that use up all file descriptors, then it lives, and serves when they are gone (invariant 10)', async () => {
  const { child, url } = await under('ulimit -n 200; GATEWAY 2>/dev/null');
  const { port } = new URL(url);
  const sockets: Socket[] = Array.from({ length: 300 }, () =>
    connect(Number(port), '127.0.0.1').on('error', () => {}),
  );
  // The gateway looks at its memory every half second, which it could not while it had no descriptor for that.
  await once(sockets[0] as Socket, 'connect');
  await expect.poll(() => descriptorsOf(child)).toBeGreaterThan(190);
  const looked = Date.now() + 1_500;
  await expect.poll(() => Date.now() > looked || child.exitCode !== null).toBe(true);
  for (const socket of sockets) socket.destroy();
  expect(child.exitCode).toBeNull();
  await expect.poll(async () => (await fetch(`${url}/health`).catch(() => null))?.status).toBe(200);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
