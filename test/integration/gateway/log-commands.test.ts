import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillLog } from '../../support/filled-log.ts';
import { gatewayArgv } from '../../support/gateway-build.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, configHeader, knock, tinyServer, untilState } from '../../support/http-client.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const asPersistent = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' };
const argvOf = (argv: readonly string[]) => [...gatewayArgv(), 'log', ...argv];

/** `evergate log …` as a process of its own beside the gateway. */
async function log(...argv: readonly string[]) {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, argvOf(argv), {
      cwd: ROOT,
      timeout: 30_000,
    });
    return { code: 0, out: stdout, err: '' };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** What a process prints; `until` resolves when that fits. */
function outputOf(child: ChildProcess) {
  let text = '';
  const looks = new Set<() => void>();
  child.stdout?.on('data', chunk => {
    text += chunk;
    for (const look of looks) look();
  });
  const until = (wished: RegExp) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (!wished.test(text)) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  return { until };
}

describe('the log commands beside a running gateway', () => {
  let dir = '';
  let dataDir = '';
  const gateways: RunningGateway[] = [];
  const children: ChildProcess[] = [];

  beforeEach(() => {
    dir = temporaryDirectory();
    dataDir = join(dir, 'data');
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const gateway of gateways) await gateway.end('SIGTERM');
    removeDirectory(dir);
  });

  async function start(at: string) {
    const gateway = await startGateway(at);
    gateways.push(gateway);
    return gateway;
  }

  it('verify, tail, export and backup read what it writes; prune is refused; the backup starts beside it', async () => {
    const { url, process: running } = await start(dataDir);
    await knock(url, 'tools', asPersistent);
    await untilState(url, 'tools', /^Ready/);

    const tail = spawn(process.execPath, argvOf(['tail', '--follow', '--data-dir', dataDir]), { cwd: ROOT });
    children.push(tail);
    const followed = outputOf(tail);
    await followed.until(/tools {2}tools listed → Ready\.Healthy/);
    const [verified, exported, backedUp, pruned] = await Promise.all([
      log('verify', '--data-dir', dataDir),
      log('export', '--data-dir', dataDir),
      log('backup', join(dir, 'backup'), '--data-dir', dataDir),
      log('prune', '--max-records', '1', '--data-dir', dataDir),
    ]);
    expect(verified).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^sound: .* 6 records, 1 services/),
    });
    expect(exported.out.trimEnd().split('\n').at(-1)).toBe(
      JSON.stringify({ end: true, records: 6, services: 1, unreadable: 0 }),
    );
    expect(backedUp).toMatchObject({ code: 0, out: expect.stringContaining('up to record 6, sound') });
    expect(pruned).toMatchObject({
      code: 1,
      err: expect.stringContaining(`is in use by process ${running.pid}: stop that gateway`),
    });

    await knock(url, 'later', asPersistent);
    await followed.until(/later {2}registered/);
    const who = await callTool(url, 'tools', 'who', {});

    const restored = await start(join(dir, 'backup'));
    await untilState(restored.url, 'tools', /^Ready/);
    expect((await knock(restored.url, 'later')).body.code).toBe('0001');
    const { pid } = JSON.parse(who) as { pid: number };
    expect(JSON.parse(await callTool(url, 'tools', 'who', {}))).toMatchObject({ pid });
  });

  it.skipIf(process.platform !== 'linux')(
    'given a directory that cannot be made, as below /proc, then each that would make it says so and ends',
    async () => {
      await fillLog(dataDir, { services: 1, records: 10 });
      const file = join(dir, 'export.jsonl');
      await log('export', '--output', file, '--data-dir', dataDir);
      for (const argv of [
        ['backup', '/proc/evergate/deep', '--data-dir', dataDir],
        ['import', file, '--data-dir', '/proc/evergate/deep'],
        ['prune', '--data-dir', '/proc/evergate/deep'],
      ]) {
        const { code, err } = await log(...argv);
        expect([code, err]).toEqual([1, expect.stringMatching(/^evergate: .+ENOENT.+parent directory.+\n$/)]);
      }
    },
  );

  it('export into a pipe that nobody reads ends without a word', async () => {
    await fillLog(dataDir, { services: 100, records: 1000 });
    const argv = argvOf(['export', '--data-dir', dataDir]).join(' ');
    const child = spawn('bash', ['-c', `${process.execPath} ${argv} | head -n 1 | wc -l`], { cwd: ROOT });
    const out = outputOf(child);
    let err = '';
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    await Promise.all([out.until(/^1\n$/), once(child, 'close')]);
    expect(err).toBe('');
  });
});
