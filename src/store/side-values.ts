/** The stored forms of what is kept beside records: documents, and what is owed. Each has its place in its checksum. */
import { checksumOf } from './checksum.ts';
import type { JsonObject, Owed } from './event-log.ts';
import { damaged, newer } from './records.ts';

/** Version of documents; a newer one is refused. */
const DOCUMENT_VERSION = 1;

/** Without a version: of the first. */
export type StoredDocument = readonly [checksum: number, document: JsonObject, version?: number];
type StoredOwed = readonly [running: boolean, dueAt: number | null, checksum: number];

export function encodeDocument(id: string, name: string, document: JsonObject): StoredDocument {
  const version = DOCUMENT_VERSION;
  return [checksumOf(JSON.stringify([id, name, document, version])), document, version];
}

/** @throws {UnreadableRecordError} damaged, or of a newer version */
export function decodeDocument(stored: unknown, id: string, name: string, place: string): JsonObject {
  const [checksum, document, ...more] = Array.isArray(stored) ? (stored as unknown[]) : [];
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  if (!isObject || checksum !== checksumOf(JSON.stringify([id, name, document, ...more])))
    throw damaged(place, null);
  const [version = 1] = more;
  if (version !== DOCUMENT_VERSION) throw newer(place, null, version, DOCUMENT_VERSION);
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
