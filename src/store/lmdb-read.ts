/** Reads what the tables hold, and tells damage of one value (that service stops) from faults of the file. */
import type { JsonObject, LogRecord, Owed } from './event-log.ts';
import type { LmdbFile } from './lmdb-file.ts';
import { isStorableId } from './placement.ts';
import { damaged, decodeRecord } from './records.ts';
import { isEngineFault } from './storage-faults.ts';

/** Entries of `owed` read at a time; one long read would keep LMDB from reusing pages. */
const OWED_PAGE = 256;

/** @throws {UnreadableRecordError} */
export function readHead(file: LmdbFile, id: string): LogRecord | undefined {
  if (!isStorableId(id)) return undefined;
  const place = `the head of service ${JSON.stringify(id)}`;
  const record = readStored(place, null, () => file.heads.get(id));
  if (record && record.id !== id) throw damaged(place, null);
  return record;
}

/**
 * Follows `prev` from the head backwards, to the start of the incarnation or of what retention kept.
 * @returns at most `limit` records with `seq` ≥ `from`, oldest first
 * @throws {UnreadableRecordError}
 */
export function readHistory(file: LmdbFile, id: string, from: number, limit: number): LogRecord[] {
  const records: LogRecord[] = [];
  let seq = readHead(file, id)?.seq ?? 0;
  while (seq > 0 && seq >= from && records.length < limit) {
    const record = readRecord(file, seq);
    if (!record) break;
    if (record.id !== id) throw damaged(`record ${seq}`, seq);
    records.push(record);
    seq = record.prev;
  }
  return records.reverse();
}

/**
 * @returns up to `limit` records after `after`, ending before the first that cannot be read
 * @throws {UnreadableRecordError} the very first one cannot be read; its `seq` tells where to go on
 */
export function readTail(file: LmdbFile, after: number, limit: number): LogRecord[] {
  const records: LogRecord[] = [];
  for (const seq of [...file.log.getKeys({ start: after + 1, limit })]) {
    try {
      const record = readRecord(file, seq);
      if (record) records.push(record);
    } catch (error) {
      if (records.length === 0) throw error;
      break;
    }
  }
  return records;
}

/** @throws {UnreadableRecordError} */
export function readDocument(file: LmdbFile, id: string, name: string): JsonObject | undefined {
  if (!isStorableId(id)) return undefined;
  const place = `document ${JSON.stringify(name)} of service ${JSON.stringify(id)}`;
  return decoding(place, null, () => file.documents.get([id, name]));
}

/** The next entries of `owed` after `after`; an empty page is the end. */
export function readOwedPage(file: LmdbFile, after: string | undefined): { id: string; owed: Owed }[] {
  const ids = [...file.owed.getKeys({ limit: OWED_PAGE, ...startingAfter(after) })];
  return ids.map(id => ({ id, owed: readOwed(file, id) }));
}

export function startingAfter(key: string | undefined): { start?: string; exclusiveStart?: boolean } {
  return key === undefined ? {} : { start: key, exclusiveStart: true };
}

/** An entry that cannot be read counts as running: boot then looks at the service itself. */
function readOwed(file: LmdbFile, id: string): Owed {
  let stored: unknown;
  try {
    stored = file.owed.get(id);
  } catch (error) {
    if (isEngineFault(error)) throw error;
  }
  const [running, dueAt] = Array.isArray(stored) ? stored : [];
  const readable = typeof running === 'boolean' && (dueAt === null || typeof dueAt === 'number');
  return readable ? { running, dueAt } : { running: true, dueAt: null };
}

function readRecord(file: LmdbFile, seq: number): LogRecord | undefined {
  return readStored(`record ${seq}`, seq, () => file.log.get(seq));
}

function readStored(place: string, seq: number | null, get: () => unknown): LogRecord | undefined {
  const stored = decoding(place, seq, get);
  return stored === undefined ? undefined : decodeRecord(stored, place, seq);
}

/** @throws {UnreadableRecordError} the bytes cannot be decoded; faults of LMDB itself pass */
function decoding<T>(place: string, seq: number | null, get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw isEngineFault(error) ? error : damaged(place, seq);
  }
}
