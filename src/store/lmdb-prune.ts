/** Removes the oldest records. Everything here runs inside one LMDB write transaction. */
import { UnreadableRecordError } from './errors.ts';
import type { Retention } from './event-log.ts';
import { newestSeq } from './lmdb-append.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { readRecord } from './lmdb-read.ts';

/** Bytes of pages that the removal of one record touches: a leaf holds many, and goes as a whole. */
export const BYTES_PER_REMOVAL = 1024;

/** Removes up to `budget` records that may go, oldest first, and says how many. The newest of all stays. */
export function pruneOldest(file: LmdbFile, retention: Retention, budget: number): number {
  const seqs = oldestThatMayGo(file, retention, budget);
  for (const seq of seqs) file.log.removeSync(seq);
  return seqs.length;
}

/** What is missing between them counts for nothing; one that cannot be read goes with an aged one behind it. */
function oldestThatMayGo(file: LmdbFile, { maxRecords, before }: Retention, budget: number): number[] {
  const newest = newestSeq(file);
  const firstKept = newest + 1 - Math.max(1, maxRecords);
  const seqs: number[] = [];
  let end = 0;
  for (const seq of file.log.getKeys({ limit: budget })) {
    if (typeof seq !== 'number' || seq >= newest) break;
    const at = seq < firstKept ? null : timeOf(file, seq);
    if (at !== null && at >= before) break;
    seqs.push(seq);
    if (seq < firstKept || at !== null) end = seqs.length;
  }
  return seqs.slice(0, end);
}

/** null for one that cannot be read. */
function timeOf(file: LmdbFile, seq: number): number | null {
  try {
    return readRecord(file, seq)?.at ?? null;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return null;
    throw error;
  }
}
