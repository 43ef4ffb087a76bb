import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EventLog, NO_TOKEN } from '../../../src/store/event-log.ts';
import { LmdbLog, openDataDir, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft, inTempDir, withDocuments } from './drafts.ts';
import { describeEventLog } from './event-log.contract.ts';

let dir = '';
describeEventLog(
  'LmdbLog',
  () => {
    dir = mkdtempSync(join(tmpdir(), 'evergate-store-'));
    return openLmdbLog({ dataDir: dir });
  },
  () => rmSync(dir, { recursive: true, force: true }),
);

/** Everything a log answers, for comparison. */
function contents(log: EventLog): unknown {
  const ids = log.ids();
  return {
    ids,
    lastSeq: log.lastSeq(),
    tail: log.tail(0, 10_000),
    heads: ids.map(id => log.head(id)),
    histories: ids.map(id => log.read(id)),
    documents: ids.map(id => log.document(id, 'config')),
    owed: [...log.owed()],
  };
}

describe('LmdbLog on disk', () => {
  it('keeps everything over a reopening, and counts on', () =>
    inTempDir(async dataDir => {
      const first = openLmdbLog({ dataDir });
      const token = first.append('a', NO_TOKEN, [withDocuments({ config: { x: 1 } })]);
      first.append('b', NO_TOKEN, [draft('start', { owed: { running: true, dueAt: 3 } })]);
      const before = contents(first);
      await first.close();

      const second = openLmdbLog({ dataDir });
      expect(contents(second)).toEqual(before);
      second.append('a', token, [draft('start')]);
      expect(second.read('a').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([
        [1, 1, 0],
        [3, 2, 1],
      ]);
      await second.close();
    }));

  it('reads records of far more shapes than shared structures hold, after a reopening', () =>
    inTempDir(async dataDir => {
      const first = openLmdbLog({ dataDir });
      let token = NO_TOKEN;
      for (let i = 0; i < 200; i++) {
        const shape = { type: `t${i}`, [`only in ${i}`]: i, nested: { [`k${i}`]: [{ [`l${i}`]: i }] } };
        token = first.append('a', token, [draft('x', { event: shape })]);
      }
      const before = contents(first);
      await first.close();

      const second = openLmdbLog({ dataDir });
      expect(contents(second)).toEqual(before);
      await second.close();
    }));

  it('grows past the size its map began with', () =>
    inTempDir(async dataDir => {
      const log = openLmdbLog({ dataDir });
      const text = 'x'.repeat(2 ** 20);
      for (let i = 0; i < 24; i++) log.append(`s${i}`, NO_TOKEN, [withDocuments({ config: { text, i } })]);

      expect(log.document('s23', 'config')).toEqual({ text, i: 23 });
      expect(log.ids()).toHaveLength(24);
      await log.close();
    }));

  it.skipIf(process.platform === 'win32')('makes directory and files unreadable to others', () =>
    inTempDir(async parent => {
      const dataDir = join(parent, 'deep', 'data');
      const log = openLmdbLog({ dataDir });
      log.append('a', NO_TOKEN, [draft('registered')]);

      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dataDir, 'evergate.mdb')).mode & 0o777).toBe(0o600);
      expect(statSync(join(dataDir, 'evergate.mdb-lock')).mode & 0o777).toBe(0o600);
      await log.close();
    }),
  );

  it('knows how many records it keeps, and what its file takes of the disk', () =>
    inTempDir(async dataDir => {
      const log = openLmdbLog({ dataDir });
      expect(log.size().records).toBe(0);
      let token = NO_TOKEN;
      for (let n = 0; n < 40; n++) token = log.append('a', token, [draft('start'), draft('stop')]);
      const { records, diskBytes } = log.size();
      expect(records).toBe(80);
      const { size, blocks } = statSync(join(dataDir, 'evergate.mdb'));
      expect([diskBytes, diskBytes >= size]).toEqual([blocks * 512, true]); // its space is taken in advance
      log.prune({ maxRecords: 10, before: 0 }, 1000);
      expect(log.size().records).toBe(10);
      await log.close();
    }));

  it.each([
    ['count', { maxRecords: 10, before: 0 }, [9, 9, 9, 0]],
    ['age', { maxRecords: 1000, before: Number.MAX_SAFE_INTEGER }, [9, 9, 9, 9, 0]],
  ])(
    'given records that are missing, then pruning by %s goes on behind them: slices are whole until none is left',
    (_, retention, removed) =>
      inTempDir(async dataDir => {
        const data = openDataDir({ dataDir });
        const log = new LmdbLog(data);
        log.append(
          'a',
          NO_TOKEN,
          Array.from({ length: 40 }, () => draft('start')),
        );
        data.write('damage', 0, ({ log: records }) => {
          for (const seq of [3, 15, 16]) records.removeSync(seq);
        });
        expect(removed.map(() => log.prune(retention, 9))).toEqual(removed);
        await log.close();
      }),
  );

  it('tells how long each append took, and whether it failed', () =>
    inTempDir(async dataDir => {
      const told: [number, boolean][] = [];
      const data = openDataDir({ dataDir });
      const log = new LmdbLog(data, (durationMs, failed) => told.push([durationMs, failed]));
      log.append('a', NO_TOKEN, [draft('start')]);
      expect(() => log.append('a', NO_TOKEN, [draft('start')])).toThrow();
      await data.close();
      expect(told.map(([, failed]) => failed)).toEqual([false, true]);
      expect(told.every(([durationMs]) => durationMs > 0)).toBe(true);
    }));
});
