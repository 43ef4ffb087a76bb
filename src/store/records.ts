/**
 * The stored form of a record: its checksum, and the record itself as msgpack; only where msgpack would not give it
 * back unchanged (a key named `__proto__`, half a surrogate pair) it is the record's JSON text.
 */
import { checksumOf } from './checksum.ts';
import { UnreadableRecordError } from './errors.ts';
import { type LogRecord, RECORD_VERSION } from './event-log.ts';
import { toPresentVersion } from './upcast.ts';

const NOT_FOR_MSGPACK = /"__proto__"|\\ud[89a-f]/;

/** The checksum is that of the record's JSON text. */
export type StoredRecord = readonly [checksum: number, record: LogRecord | string];

/** @throws {TypeError} the record is not plain data (a cycle, a BigInt) */
export function encodeRecord(record: LogRecord): StoredRecord {
  const text = JSON.stringify(record);
  return [checksumOf(text), NOT_FOR_MSGPACK.test(text) ? text : record];
}

/**
 * Checks a stored record and brings it to the present version.
 * @param place what was read, for the message: `record 12`, `the head of service "a"`
 * @param seq where it stands in the global order, or null when only the record itself could tell
 * @throws {UnreadableRecordError} damaged, or written by a newer version
 */
export function decodeRecord(stored: unknown, place: string, seq: number | null): LogRecord {
  if (!Array.isArray(stored) || stored.length !== 2) throw damaged(place, seq);
  const [checksum, written] = stored as [unknown, unknown];
  const text = typeof written === 'string' ? written : textOf(written);
  if (text === undefined || checksum !== checksumOf(text)) throw damaged(place, seq);
  const record = upcast(typeof written === 'string' ? parseText(written) : written, place, seq);
  if (seq !== null && record.seq !== seq) throw damaged(place, seq);
  return record;
}

/**
 * Checks a record and brings it to the present version. What makes a record whole is the same in all versions.
 * @throws {UnreadableRecordError} damaged, or of a newer version
 */
function upcast(raw: unknown, place: string, seq: number | null): LogRecord {
  if (!isObject(raw) || !isCount(raw.v) || raw.v < 1) throw damaged(place, seq);
  if (raw.v > RECORD_VERSION) throw newer(place, seq, raw.v, RECORD_VERSION);
  if (!isWhole(raw)) throw damaged(place, seq);
  return raw.v === RECORD_VERSION ? raw : toPresentVersion(raw);
}

/** A record from outside, as an export has it. @throws {UnreadableRecordError} it is none, or of a newer version */
export function requireRecord(raw: unknown, place: string): LogRecord {
  return upcast(raw, place, null);
}

/** The error for stored data that is not what was written. */
export function damaged(place: string, seq: number | null): UnreadableRecordError {
  return new UnreadableRecordError(
    `${place} is damaged: remove the service and register it again, or restore a backup of the data directory`,
    seq,
  );
}

/** The error for what a newer version of the gateway wrote. */
export function newer(
  place: string,
  seq: number | null,
  version: unknown,
  known: number,
): UnreadableRecordError {
  const reason = `${place} has version ${version}, this gateway reads up to ${known}`;
  return new UnreadableRecordError(`${reason}: start the newer version of the gateway again`, seq);
}

function isWhole(raw: Record<string, unknown>): raw is Record<string, unknown> & LogRecord {
  const { seq, id, n, prev, at, event, to } = raw;
  return (
    isCount(seq) &&
    isCount(n) &&
    isCount(prev) &&
    n >= 1 &&
    prev < seq &&
    (prev === 0) === (n === 1) &&
    typeof id === 'string' &&
    typeof at === 'number' &&
    isObject(event) &&
    typeof event.type === 'string' &&
    isObject(to) &&
    to.value !== undefined &&
    isObject(to.context)
  );
}

/** undefined for what is no plain data: damaged msgpack can be a BigInt. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
