import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft, inTempDir } from '../../unit/store/drafts.ts';
import { spawnStore } from './spawn-store.ts';

/** The value a holder left in the file, read while no log is open; `change` replaces it. */
async function holder(
  dataDir: string,
  change?: (present: Record<string, unknown>) => Record<string, unknown>,
) {
  const root = open({ path: dataFilePath(dataDir), maxDbs: 8, overlappingSync: false });
  const meta = root.openDB<Record<string, unknown>, string>({ name: 'meta', encoding: 'json' });
  const present = meta.get('holder');
  if (change) meta.putSync('holder', change(present ?? {}));
  await root.close();
  return present;
}

describe('the claim on a data directory', () => {
  it('given a gateway that holds it, when another opens it, then that one is refused with directory and pid', () =>
    inTempDir(async dataDir => {
      const first = spawnStore([dataDir, 'hold']);
      await first.line(line => line === 'open');

      const attempt = () => openLmdbLog({ dataDir });
      expect(attempt).toThrow(StorageError);
      expect(attempt).toThrow(`the data directory ${dataDir} is in use by process ${first.process.pid}`);

      const second = spawnStore([dataDir, 'hold']);
      expect(await second.line(() => true)).toContain(`in use by process ${first.process.pid}`);
      await second.gone;
      await first.kill();
    }));

  it('given a gateway killed with kill -9, when another opens the directory, then it takes over', () =>
    inTempDir(async dataDir => {
      const first = spawnStore([dataDir, 'hold']);
      await first.line(line => line === 'open');
      await first.kill();
      expect(await holder(dataDir)).toMatchObject({ pid: first.process.pid });

      const log = openLmdbLog({ dataDir });
      log.append('a', NO_TOKEN, [draft('registered')]);
      await log.close();
    }));

  it('given many gateways that start at once over a dead claim, then exactly one gets it', () =>
    inTempDir(async dataDir => {
      const dead = spawnStore([dataDir, 'hold']);
      await dead.line(line => line === 'open');
      await dead.kill();

      const starters = Array.from({ length: 6 }, () => spawnStore([dataDir, 'hold']));
      const said = await Promise.all(starters.map(starter => starter.line(() => true)));

      expect(said.filter(line => line === 'open')).toHaveLength(1);
      expect(said.filter(line => line.startsWith('refused'))).toHaveLength(5);
      await Promise.all(starters.map(starter => starter.kill()));
    }));

  it('given this process holds it, when it is opened again, then that is refused until it is closed', () =>
    inTempDir(async dataDir => {
      const first = openLmdbLog({ dataDir });
      expect(() => openLmdbLog({ dataDir })).toThrow('in use by this process');
      first.append('a', NO_TOKEN, [draft('registered')]);
      await first.close();
      expect(await holder(dataDir)).toBeUndefined();

      const second = openLmdbLog({ dataDir });
      expect(second.ids()).toEqual(['a']);
      await second.close();
    }));

  it.skipIf(process.platform !== 'linux').each([
    ['start time', (mine: Record<string, unknown>) => ({ ...mine, startTicks: Number(mine.startTicks) - 1 })],
    ['boot', (mine: Record<string, unknown>) => ({ ...mine, bootId: 'an earlier one' })],
  ])('given a claim by a recycled pid with another %s, when opened, then it is taken over', (_, recycle) =>
    inTempDir(async dataDir => {
      const first = openLmdbLog({ dataDir });
      const mine = await holder(dataDir);
      await first.close();
      await holder(dataDir, () => recycle(mine ?? {}));

      const second = openLmdbLog({ dataDir });
      await second.close();
    }),
  );
});
