/** The one LMDB file of a data directory: its tables, how it is opened, and when it is refused. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { ensureRoom, requireWholeFile } from './data-file.ts';
import { StorageError } from './errors.ts';
import type { JsonObject } from './event-log.ts';
import { asStoreError, damagedFile } from './storage-faults.ts';

/** Version of the layout below; a file with a newer one is refused. */
const FORMAT_VERSION = 1;
const FILE_NAME = 'evergate.mdb';
const STRUCTURES = Symbol.for('structures');
const OPTIONS = { maxDbs: 8, overlappingSync: false, permissionsMode: 0o600 };

type MetaTable = Database<JsonObject, string>;

export interface LmdbFile {
  readonly path: string;
  /** A second, plain descriptor of the file, for `ensureRoom`. */
  readonly fd: number;
  readonly root: RootDatabase<unknown, string>;
  /** `format` (see FORMAT_VERSION) and `holder` (see data-dir-lock.ts). */
  readonly meta: MetaTable;
  /** `seq` → record. Keys only grow, so a commit touches the last page alone. */
  readonly log: Database<unknown, number>;
  /** id → the service's last record, whole. */
  readonly heads: Database<unknown, string>;
  /** [id, name] → document, as JSON text: its keys are the users', which shared structures would collect. */
  readonly documents: Database<JsonObject, [string, string]>;
  /** id → [running, dueAt]. */
  readonly owed: Database<unknown, string>;
}

/** Where the file of a data directory is. */
export function dataFilePath(dataDir: string): string {
  return join(resolve(dataDir), FILE_NAME);
}

/**
 * Creates the data directory (mode 0700) where there is none, and opens its file (mode 0600).
 *
 * Durability is LMDB's plain one, no `noSync` and no overlapping sync: a commit returns after the data and
 * then the meta page were synced. The map grows by itself.
 * @param admit decides inside a transaction, by throwing, whether this process may use the file; what comes
 *   after it may change the file
 * @throws {StorageError} the file is damaged or of a newer format, or the directory cannot be used
 */
export function openLmdbFile(
  dataDir: string,
  admit: (meta: MetaTable, path: string) => void = () => {},
): LmdbFile {
  const path = dataFilePath(dataDir);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    requireWholeFile(path);
    const root = open<unknown, string>({ ...OPTIONS, path });
    try {
      const meta: MetaTable = root.openDB({ name: 'meta', encoding: 'json' });
      root.transactionSync(() => {
        requireKnownFormat(meta, path);
        admit(meta, path);
      });
      return completeFile(path, root, meta);
    } catch (error) {
      void root.close();
      throw error;
    }
  } catch (error) {
    throw asStoreError(error, 'open the event log', path);
  }
}

function completeFile(path: string, root: LmdbFile['root'], meta: MetaTable): LmdbFile {
  const fd = openSync(path, 'r+');
  try {
    ensureRoom(fd, path, 0);
    syncDirectory(dirname(path));
    return {
      path,
      fd,
      root,
      meta,
      log: root.openDB({ name: 'log', encoding: 'msgpack', sharedStructuresKey: STRUCTURES }),
      heads: root.openDB({ name: 'heads', encoding: 'msgpack', sharedStructuresKey: STRUCTURES }),
      documents: root.openDB({ name: 'documents', encoding: 'json' }),
      owed: root.openDB({ name: 'owed', encoding: 'msgpack' }),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Releases the file. LMDB closes it before this returns; the promise is for what lmdb-js itself still does. */
export function closeLmdbFile(file: LmdbFile): Promise<void> {
  closeSync(file.fd);
  return file.root.close();
}

/** Marks a new file with its format version; refuses a file of a newer one. */
function requireKnownFormat(meta: MetaTable, path: string): void {
  const format = meta.get('format');
  if (format === undefined) {
    meta.putSync('format', { version: FORMAT_VERSION });
    return;
  }
  const { version } = format;
  if (typeof version !== 'number') throw damagedFile(path, 'its format version is not a number');
  if (version > FORMAT_VERSION) {
    throw new StorageError(
      `the event log ${path} has format version ${version}, this gateway knows up to ${FORMAT_VERSION}: ` +
        'start the newer version of the gateway, or move the directory away to start empty',
    );
  }
}

/** Makes the file's name as durable as its content. Windows has no such call and needs none. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  for (const directory of [path, dirname(path)]) {
    const fd = openSync(directory, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
