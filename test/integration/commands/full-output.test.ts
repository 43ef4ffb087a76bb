import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fillLog } from '../../support/filled-log.ts';
import { gatewayArgv } from '../../support/gateway-build.ts';
import { removeDirectory, temporaryDirectory } from '../../support/gateway-process.ts';
import { inTempDir } from '../../unit/store/drafts.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
/** What `ulimit -f` of a POSIX shell counts in. */
const BLOCK_BYTES = 512;
const UNWRITABLE = /^evergate: the output cannot be written: .+\n$/;

interface Conditions {
  /** Longest file that may be written, as if the disk were full then. */
  readonly maxFileBytes?: number;
  /** Where the standard output goes; default: here. */
  readonly stdout?: number;
}

/** Runs `evergate <argv>` as a process of its own. */
function evergate({ maxFileBytes, stdout: to }: Conditions, ...argv: readonly string[]) {
  const limit = maxFileBytes === undefined ? '' : `ulimit -f ${Math.floor(maxFileBytes / BLOCK_BYTES)} && `;
  const command = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, ...gatewayArgv(), ...argv];
  const stdio = ['ignore', to ?? 'pipe', 'pipe'] as const;
  const { status, stdout, stderr } = spawnSync('sh', command, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: [...stdio],
  });
  return { code: status, out: stdout, err: stderr };
}

describe.skipIf(process.platform === 'win32')('a disk that fills up under what a command writes', () => {
  it('given an export to a file, then it fails with the reason, and leaves no part of it', () =>
    inTempDir(async parent => {
      const [dataDir, whole, cut] = ['data', 'whole.jsonl', 'cut.jsonl'].map(name => join(parent, name)) as [
        string,
        string,
        string,
      ];
      // One write for all of it: what is cut off has no next write that would fail.
      await fillLog(dataDir, { services: 5, records: 50 });
      const argv = ['log', 'export', '--data-dir', dataDir, '--output'];
      expect(evergate({}, ...argv, whole)).toEqual({ code: 0, out: '', err: '' });
      expect(readFileSync(whole, 'utf8').trimEnd().split('\n').at(-1)).toContain('"end":true');

      const { code, err } = evergate({ maxFileBytes: statSync(whole).size / 2 }, ...argv, cut);
      expect([code, err]).toEqual([1, expect.stringMatching(/^evergate: cannot export .+ulimit -f.+\n$/)]);
      expect(existsSync(cut)).toBe(false);
    }));

  it('given the standard output, then it fails with the reason in one line, also where one write took a part of it', () =>
    inTempDir(async parent => {
      const file = join(parent, 'help.txt');
      const fd = openSync(file, 'w');
      const { code, err } = evergate({ maxFileBytes: 1024, stdout: fd }, '--help');
      closeSync(fd);
      expect([code, err, statSync(file).size]).toEqual([1, expect.stringMatching(UNWRITABLE), 1024]);
    }));
});

describe.skipIf(!existsSync('/dev/full'))('a standard output that takes nothing', () => {
  it('given a gateway, then it says so and serves all the same', async () => {
    const dir = temporaryDirectory();
    const stdout = openSync('/dev/full', 'w');
    const argv = [...gatewayArgv(), '--port', '0', '--data-dir', join(dir, 'data')];
    const gateway = spawn(process.execPath, argv, { cwd: ROOT, stdio: ['ignore', stdout, 'pipe'] });
    closeSync(stdout);
    const ended = once(gateway, 'exit');
    onTestFinished(async () => {
      gateway.kill('SIGKILL');
      await ended;
      removeDirectory(dir);
    });
    let err = '';
    gateway.stderr?.on('data', chunk => {
      err += chunk;
    });
    const said = () => expect.poll(() => err, { timeout: 20_000 });
    await said().toMatch(/^evergate: the output cannot be written: /m);
    const { url } = JSON.parse(err.split('\n').find(line => line.includes('"listening"')) ?? '{}');
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    gateway.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(err).not.toContain('"fatal"');
  });
});
