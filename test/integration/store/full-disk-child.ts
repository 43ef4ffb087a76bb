/**
 * A process whose log is on a disk of its own, mounted at argv[2], that fills up: it appends until it is refused many times,
 * makes room, goes on, and opens the log again. It prints what it saw as JSON.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { type LmdbLog, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft } from '../../unit/store/drafts.ts';

/** So many appends are refused before there is room again. */
const REFUSALS = 200;
const [, , disk = ''] = process.argv;
const ballast = join(disk, 'ballast');
const dataDir = join(disk, 'data');

const append = (log: LmdbLog, n: number) =>
  log.append(`s${n}`, NO_TOKEN, [draft('x', { event: { type: 'x', text: 'x'.repeat((n * 997) % 9000) } })]);

writeFileSync(ballast, Buffer.alloc(2 ** 21));
const log = openLmdbLog({ dataDir });
const refusals: string[] = [];
let n = 0;
while (refusals.length < REFUSALS) {
  try {
    append(log, ++n);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    refusals.push(error.message);
  }
}
const whileFull = log.count();
// Whatever a failed write broke in the heap is met by the collector at the latest.
globalThis.gc?.();
rmSync(ballast);
for (let more = 0; more < 20; more++) append(log, ++n);
await log.close();

const again = openLmdbLog({ dataDir });
const seqs = again.tail(0, Number.MAX_SAFE_INTEGER).map(({ seq }) => seq);
const seen = {
  attempts: n,
  kept: seqs.length,
  whileFull,
  lastSeq: seqs.at(-1),
  reasons: [...new Set(refusals)],
};
await again.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
