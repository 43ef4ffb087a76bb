/** Reads what the tables hold, and tells damage of one value (that service stops) from faults of the file. */
import type { JsonObject, LogRecord, Owed } from './event-log.ts';
import { type LmdbFile, STRUCTURES } from './lmdb-layout.ts';
import { isStorableId } from './placement.ts';
import { damaged, decodeRecord } from './records.ts';
import { decodeDocument, decodeOwed } from './side-values.ts';
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
  const stored = decoding(place, null, () => file.documents.get([id, name]));
  return stored === undefined ? undefined : decodeDocument(stored, id, name, place);
}

/** All documents of a service, by name. @throws {UnreadableRecordError} */
export function readDocuments(file: LmdbFile, id: string): Record<string, JsonObject> {
  const documents: Record<string, JsonObject> = {};
  for (const [owner, name] of [...documentKeys(file, id)]) {
    const document = readDocument(file, owner, name);
    if (document !== undefined) documents[name] = document;
  }
  return documents;
}

/** The keys of a service's documents. */
export function* documentKeys(file: LmdbFile, id: string): Generator<[string, string]> {
  for (const key of file.documents.getKeys({ start: [id, ''] })) {
    if (key[0] !== id) return;
    yield key;
  }
}

/** The next entries of `owed` after `after`; an empty page is the end. */
export function readOwedPage(file: LmdbFile, after: string | undefined): { id: string; owed: Owed }[] {
  const ids = [...file.owed.getKeys({ limit: OWED_PAGE, ...startingAfter(after) })];
  return ids.map(id => ({ id, owed: readOwed(file, id) ?? RUNNING }));
}

export function startingAfter(key: string | undefined): { start?: string; exclusiveStart?: boolean } {
  return key === undefined ? {} : { start: key, exclusiveStart: true };
}

/** An entry that cannot be read counts as running: boot then looks at the service itself. */
const RUNNING: Owed = { running: true, dueAt: null };

/** null when nothing is owed. */
export function readOwed(file: LmdbFile, id: string): Owed | null {
  let stored: unknown;
  try {
    stored = file.owed.get(id);
    if (stored === undefined) return null;
  } catch (error) {
    if (isEngineFault(error)) throw error;
  }
  return decodeOwed(stored, id) ?? RUNNING;
}

/** @throws {UnreadableRecordError} */
export function readRecord(file: LmdbFile, seq: number): LogRecord | undefined {
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

/** How many services have a head. The table's entries but one: that of the encoder's structures, once there is any. */
export function countHeads({ heads }: LmdbFile): number {
  return entriesOf(heads) - (heads.doesExist(STRUCTURES as unknown as string) ? 1 : 0);
}

/** How many records are kept. */
export function countRecords({ log }: LmdbFile): number {
  return entriesOf(log) - (log.doesExist(STRUCTURES as unknown as number) ? 1 : 0);
}

function entriesOf(table: { getStats(): object }): number {
  return (table.getStats() as { readonly entryCount: number }).entryCount;
}
