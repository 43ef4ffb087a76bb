import { describe, expect, it } from 'vitest';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { inTempDir } from '../../unit/store/drafts.ts';
import { spawnStore } from './spawn-store.ts';

const acknowledged = (lines: readonly string[]) => lines.filter(line => /^\d+$/.test(line)).map(Number);

/** Every acknowledged record is there, every service's chain is whole, and the log takes more. */
function expectWhole(dataDir: string, lastAcknowledged: number): Promise<void> {
  const log = openLmdbLog({ dataDir });
  expect(log.lastSeq()).toBeGreaterThanOrEqual(lastAcknowledged);
  const records = log.tail(0, Number.MAX_SAFE_INTEGER);
  expect(records.map(record => record.seq)).toEqual(records.map((_, index) => index + 1));
  for (const { event } of records) expect(Object.keys(event)).toEqual(['type', event.type.replace('t', 'k')]);
  for (const id of log.ids()) {
    const own = records.filter(record => record.id === id);
    expect(log.read(id)).toEqual(own);
    expect(own.map(record => record.n)).toEqual(own.map((_, index) => index + 1));
    expect(log.document(id, 'last')).toEqual({ seq: own.at(-1)?.seq });
  }
  return log.close();
}

describe('invariant 7: what was acknowledged survives', () => {
  it.each([1, 137, 400])(
    'given a kill -9 after record %i, when opened again, then no acknowledged record is lost',
    count =>
      inTempDir(async dataDir => {
        const child = spawnStore([dataDir, 'append', '50']);
        await child.line(line => line === String(count));
        await child.kill();

        await expectWhole(dataDir, acknowledged(child.lines).at(-1) ?? 0);
      }),
  );

  it('given one kill -9 after another, when opened again, then the log went on each time', () =>
    inTempDir(async dataDir => {
      let last = 0;
      for (let life = 0; life < 3; life++) {
        const child = spawnStore([dataDir, 'append', '3000']);
        const goal = last + 40;
        await child.line(line => Number(line) >= goal);
        await child.kill();
        last = acknowledged(child.lines).at(-1) ?? 0;
        await expectWhole(dataDir, last);
      }
    }));

  it.skipIf(process.platform !== 'linux')(
    'given no room to write, when appending, then it is refused with the remedy, nothing is written, and it works again with room',
    () =>
      inTempDir(async dataDir => {
        const child = spawnStore([dataDir, 'starve']);
        await child.gone;

        const refusals = child.lines.filter(line => line.startsWith('refused'));
        expect(refusals).toHaveLength(3);
        for (const refusal of refusals)
          expect(refusal).toMatch(/cannot append to the event log .*(disk|ulimit -f)/);
        const seqs = acknowledged(child.lines);
        expect(seqs).toEqual(seqs.map((_, index) => index + 1));
        expect(child.lines.lastIndexOf(String(seqs.at(-1)))).toBeGreaterThan(
          child.lines.lastIndexOf(refusals.at(-1) ?? ''),
        );
        await expectWhole(dataDir, seqs.at(-1) ?? 0);
      }),
  );

  it.skipIf(process.platform !== 'linux')(
    'given a file size limit, when the file reaches it, then the append is refused and the log stays whole',
    () =>
      inTempDir(async dataDir => {
        const child = spawnStore([dataDir, 'append', '20000'], 4096);
        const refusal = await child.line(line => line.startsWith('refused'));
        await child.gone;

        expect(refusal).toMatch(/cannot append to the event log .*ulimit -f/);
        const last = acknowledged(child.lines).at(-1) ?? 0;
        expect(last).toBeGreaterThan(10);
        await expectWhole(dataDir, last);
      }),
  );
});
