/** The stored forms of what is kept beside records: documents, and what is owed. Each has its place in its checksum. */
import { checksumOf } from './checksum.ts';
import type { JsonObject, Owed } from './event-log.ts';
import { damaged } from './records.ts';

export type StoredDocument = readonly [checksum: number, document: JsonObject];
type StoredOwed = readonly [running: boolean, dueAt: number | null, checksum: number];

export function encodeDocument(id: string, name: string, document: JsonObject): StoredDocument {
  return [checksumOf(JSON.stringify([id, name, document])), document];
}

/** @throws {UnreadableRecordError} damaged */
export function decodeDocument(stored: unknown, id: string, name: string, place: string): JsonObject {
  const [checksum, document] = Array.isArray(stored) ? (stored as [unknown, unknown]) : [];
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  if (!isObject || checksum !== checksumOf(JSON.stringify([id, name, document]))) throw damaged(place, null);
  return document as JsonObject;
}

export function encodeOwed(id: string, { running, dueAt }: Owed): StoredOwed {
  return [running, dueAt, checksumOf(JSON.stringify([id, running, dueAt]))];
}

/** undefined when it is damaged. */
export function decodeOwed(stored: unknown, id: string): Owed | undefined {
  const [running, dueAt, checksum] = Array.isArray(stored) ? (stored as unknown[]) : [];
  const isReadable = typeof running === 'boolean' && (dueAt === null || typeof dueAt === 'number');
  if (!isReadable || checksum !== checksumOf(JSON.stringify([id, running, dueAt]))) return undefined;
  return { running, dueAt };
}
