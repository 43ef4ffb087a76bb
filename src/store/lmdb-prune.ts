/** Removes the oldest records. Everything here but `oldestSeq` runs inside one LMDB write transaction. */
import { UnreadableRecordError } from './errors.ts';
import type { Retention } from './event-log.ts';
import { newestSeq } from './lmdb-append.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { readRecord } from './lmdb-read.ts';

/** Bytes of pages that the removal of one record touches: a leaf holds many, and goes as a whole. */
export const BYTES_PER_REMOVAL = 1024;

/** `seq` of the oldest record that is kept; 1 past the newest when there is none. */
function oldestSeq(file: LmdbFile): number {
  for (const key of file.log.getKeys({ limit: 1 })) {
    if (typeof key === 'number') return key;
  }
  return newestSeq(file) + 1;
}

/** Removes up to `budget` records that may go, oldest first, and says how many. The newest of all stays. */
export function pruneOldest(file: LmdbFile, { maxRecords, before }: Retention, budget: number): number {
  const oldest = oldestSeq(file);
  const newest = newestSeq(file);
  const end = Math.min(oldest + budget, newest);
  const excessEnd = Math.min(end, newest + 1 - Math.max(1, maxRecords));
  const pruneEnd = Math.max(excessEnd, agedEnd(file, Math.max(oldest, excessEnd), end, before));
  let removed = 0;
  for (let seq = oldest; seq < pruneEnd; seq++) if (file.log.removeSync(seq)) removed++;
  return removed;
}

/** Where the aged records that begin at `from` end; one that cannot be read goes with an aged one behind it. */
function agedEnd(file: LmdbFile, from: number, end: number, before: number): number {
  let aged = from;
  for (let seq = from; seq < end; seq++) {
    const at = timeOf(file, seq);
    if (at !== null && at >= before) break;
    if (at !== null) aged = seq + 1;
  }
  return aged;
}

/** null for one that cannot be read or is not there. */
function timeOf(file: LmdbFile, seq: number): number | null {
  try {
    return readRecord(file, seq)?.at ?? null;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return null;
    throw error;
  }
}
