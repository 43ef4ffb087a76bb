import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inTempDir } from '../../unit/store/drafts.ts';

/** Runs a command on a disk of 5 MiB of its own, which is gone with it. */
const onSmallDisk = (dir: string, ...argv: string[]) =>
  ['unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=5m none "$0" && exec "$@"', dir, ...argv]] as const;

/** Not every system lets its users mount a disk of their own. */
const canMount = spawnSync(...onSmallDisk('/mnt', 'true')).status === 0;

const CHILD = fileURLToPath(new URL('full-disk-child.ts', import.meta.url));

describe.skipIf(!canMount)('a disk that is really full', () => {
  it('given hundreds of appends that find no space, then each is refused with the remedy, and none breaks the process (invariant 7)', () =>
    inTempDir(async disk => {
      const argv = [process.execPath, '--expose-gc', '--import', 'tsx', CHILD, disk];
      const seen = JSON.parse(execFileSync(...onSmallDisk(disk, ...argv)).toString());
      expect(seen.kept).toBe(seen.attempts - 200);
      expect(seen.kept).toBe(seen.whileFull + 20);
      expect(seen.lastSeq).toBe(seen.kept);
      for (const reason of seen.reasons)
        expect(reason).toMatch(/cannot append to the event log .*: free disk space, then try again/);
    }));
});
