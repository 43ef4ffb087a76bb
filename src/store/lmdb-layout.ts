/** What is in the one LMDB file of a data directory: its tables, and the version of their layout. */
import type { Database, RootDatabase } from 'lmdb';
import { StorageError } from './errors.ts';
import type { JsonObject } from './event-log.ts';
import type { StoredDocument } from './side-values.ts';
import { damagedFile } from './storage-faults.ts';

/** Version of the layout below; a file with a newer one is refused. */
const FORMAT_VERSION = 1;
export const STRUCTURES = Symbol.for('structures');

export type MetaTable = Database<JsonObject, string>;
type Tables = Omit<LmdbFile, 'path' | 'fd' | 'lockFd' | 'root' | 'meta' | 'isReadOnly' | 'isChecked'>;

export interface LmdbFile {
  readonly path: string;
  /** A second, plain descriptor of the file, for what is looked at from outside. */
  readonly fd: number;
  /** One of its lock file; null where LMDB has none, for reading alone. To close it gives up LMDB's own lock: it goes last. */
  readonly lockFd: number | null;
  /** Nothing may be written; the file may be another process's. */
  readonly isReadOnly: boolean;
  /** Every page was looked at when it was opened. */
  readonly isChecked: boolean;
  readonly root: RootDatabase<unknown, string>;
  /** `format` (see FORMAT_VERSION) and `holder` (see data-dir-lock.ts). */
  readonly meta: MetaTable;
  /** `seq` → record. Keys only grow, so a commit touches the last page alone. */
  readonly log: Database<unknown, number>;
  /** id → the service's last record, whole. */
  readonly heads: Database<unknown, string>;
  /** [id, name] → [checksum, document], as JSON text: its keys are the users', which shared structures would collect. */
  readonly documents: Database<StoredDocument, [string, string]>;
  /** id → [running, dueAt, checksum]. */
  readonly owed: Database<unknown, string>;
  /** [service id, session id] → { usedAt, data }. */
  readonly sessions: Database<unknown, [string, string]>;
  /** [usedAt, service id, session id]: the sessions, the least recently used first. */
  readonly sessionUses: Database<true, [number, string, string]>;
  /** [session id, stream id] → { bytes, lastN, endedAt }. */
  readonly streams: Database<unknown, [string, string]>;
  /** [session id, stream id, n] → text of the event. */
  readonly streamEvents: Database<string, [string, string, number]>;
}

/** Opened for reading alone, a table that was never made is undefined, whatever its type says. */
export function requireTables(tables: Tables, path: string): Tables {
  for (const table of Object.values<unknown>(tables)) {
    if (table === undefined) {
      throw new StorageError(
        `the event log ${path} is not complete: start the gateway over it once, then try again`,
      );
    }
  }
  return tables;
}

export function openTables(root: LmdbFile['root']): Tables {
  return {
    log: root.openDB({ name: 'log', encoding: 'msgpack', sharedStructuresKey: STRUCTURES }),
    heads: root.openDB({ name: 'heads', encoding: 'msgpack', sharedStructuresKey: STRUCTURES }),
    documents: root.openDB({ name: 'documents', encoding: 'json' }),
    owed: root.openDB({ name: 'owed', encoding: 'msgpack' }),
    sessions: root.openDB({ name: 'sessions', encoding: 'json' }),
    sessionUses: root.openDB({ name: 'sessionUses', encoding: 'json' }),
    streams: root.openDB({ name: 'streams', encoding: 'json' }),
    streamEvents: root.openDB({ name: 'streamEvents', encoding: 'string' }),
  };
}

/** Marks a new file with its format version; refuses a file of a newer one. */
export function requireKnownFormat(meta: MetaTable, path: string): void {
  const format = meta.get('format');
  if (format === undefined) {
    meta.putSync('format', { version: FORMAT_VERSION });
    return;
  }
  requireVersion(format.version, path);
}

export function requireVersion(version: unknown, path: string): void {
  if (typeof version !== 'number') throw damagedFile(path, 'its format version is not a number');
  if (version > FORMAT_VERSION) {
    throw new StorageError(
      `the event log ${path} has format version ${version}, this gateway knows up to ${FORMAT_VERSION}: ` +
        'start the newer version of the gateway, or move the directory away to start empty',
    );
  }
}
