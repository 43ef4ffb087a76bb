import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillLog } from '../../support/filled-log.ts';
import { gatewayArgv } from '../../support/gateway-build.ts';
import { inTempDir } from '../../unit/store/drafts.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
/** What `ulimit -f` of a POSIX shell counts in. */
const BLOCK_BYTES = 512;

/** Runs `evergate <argv>` in a shell that may write files of so many bytes, as if the disk were full then. */
function evergate(maxFileBytes: number | null, ...argv: readonly string[]) {
  const limit = maxFileBytes === null ? '' : `ulimit -f ${Math.floor(maxFileBytes / BLOCK_BYTES)} && `;
  const command = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, ...gatewayArgv(), ...argv];
  const { status, stdout, stderr } = spawnSync('sh', command, { cwd: ROOT, encoding: 'utf8' });
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
      expect(evergate(null, ...argv, whole)).toEqual({ code: 0, out: '', err: '' });
      expect(readFileSync(whole, 'utf8').trimEnd().split('\n').at(-1)).toContain('"end":true');

      const { code, err } = evergate(statSync(whole).size / 2, ...argv, cut);
      expect([code, err]).toEqual([1, expect.stringMatching(/^evergate: cannot export .+ulimit -f.+\n$/)]);
      expect(existsSync(cut)).toBe(false);
    }));
});
