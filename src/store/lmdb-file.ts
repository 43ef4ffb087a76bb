/** The one LMDB file of a data directory: how it is opened, and when it is refused. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { open } from 'lmdb';
import { isHeld } from './data-dir-lock.ts';
import { ensureRoom, requireWholeFile, syncDirectory } from './data-file.ts';
import { StorageError } from './errors.ts';
import {
  type LmdbFile,
  type MetaTable,
  openTables,
  requireKnownFormat,
  requireTables,
  requireVersion,
} from './lmdb-layout.ts';
import { makeDirectory } from './make-directory.ts';
import { createFile } from './new-file.ts';
import { afresh, isBehind, OvertakenError, requireNewest } from './newest-commit.ts';
import { checkAllPages, checkBeforeUse, drain } from './pages/check-file.ts';
import { asStoreError, damagedFile } from './storage-faults.ts';

const FILE_NAME = 'evergate.mdb';
const OPTIONS = { maxDbs: 16, overlappingSync: false, permissionsMode: 0o600 };

/** Where the file of a data directory is. */
export function dataFilePath(dataDir: string): string {
  return join(resolve(dataDir), FILE_NAME);
}

export interface OpenOptions {
  /** Decides inside a transaction, by throwing, whether this process may use the file; what comes after it may change the file. */
  readonly admit?: (meta: MetaTable, path: string) => void;
  /** The file was checked and admitted before: it is only opened afresh. */
  readonly isKnown?: boolean;
}

/**
 * Creates the data directory (mode 0700) where there is none, and opens its file (mode 0600).
 *
 * Durability is LMDB's plain one, no `noSync` and no overlapping sync: a commit returns after the data and
 * then the meta page were synced. The map grows by itself.
 * @throws {StorageError} the file is damaged or of a newer format, or the directory cannot be used
 */
export function openLmdbFile(
  dataDir: string,
  { admit = () => {}, isKnown = false }: OpenOptions = {},
): LmdbFile {
  const path = dataFilePath(dataDir);
  const prepare = () => {
    makeDirectory(dirname(path));
    if (!existsSync(path)) createFile(path, OPTIONS);
  };
  return opening(path, 'r+', prepare, ({ root, fd, lockFd }) => {
    let isChecked = isKnown || checkBeforeUse(root, path);
    const meta: MetaTable = root.openDB({ name: 'meta', encoding: 'json' });
    const wasLeft = isHeld(meta);
    root.transactionSync(() => {
      requireNewest(root, fd, path);
      requireKnownFormat(meta, path);
      admit(meta, path);
      // Here, where nobody else writes: of two gateways over one file, one was just refused.
      ensureRoom(fd, path, 0);
    });
    // Whoever used it last did not come to its end: perhaps because of what it read in here.
    if (!isChecked && wasLeft) isChecked = drain(checkAllPages(root, path)) > 0;
    syncDirectory(dirname(path));
    return { path, fd, lockFd, root, meta, isReadOnly: false, isChecked, ...openTables(root) };
  });
}

/**
 * Opens the file of a data directory for reading alone, while a gateway runs over it or not. What is read within one
 * turn of the event loop is of one moment; later turns see what was committed meanwhile.
 * @throws {StorageError} there is none, it is damaged, of another format, or not accessible
 */
export function openLmdbFileForReading(dataDir: string): LmdbFile {
  const path = dataFilePath(dataDir);
  if (!existsSync(path)) {
    throw new StorageError(
      `there is no event log ${path}: name the gateway's data directory with --data-dir`,
    );
  }
  return opening(
    path,
    'r',
    () => {},
    ({ root, fd, lockFd }) => {
      if (lockFd !== null && isBehind(fd, lockFd, path)) throw new OvertakenError(path);
      const isChecked = checkBeforeUse(root, path);
      const meta: MetaTable | undefined = root.openDB({ name: 'meta', encoding: 'json' });
      const format = meta?.get('format');
      if (meta === undefined || format === undefined)
        throw damagedFile(path, 'its format version is missing');
      requireVersion(format.version, path);
      return {
        path,
        fd,
        lockFd,
        root,
        meta,
        isReadOnly: true,
        isChecked,
        ...requireTables(openTables(root), path),
      };
    },
  );
}

type Opened = Pick<LmdbFile, 'root' | 'fd' | 'lockFd'>;

/** Opens LMDB, a descriptor of its file and one of its lock file, and closes them again when `finish` fails. */
function opening(
  path: string,
  flags: 'r' | 'r+',
  prepare: () => void,
  finish: (opened: Opened) => LmdbFile,
): LmdbFile {
  try {
    prepare();
    return afresh(() => {
      requireWholeFile(path);
      const root = open<unknown, string>({ ...OPTIONS, path, readOnly: flags === 'r' });
      const descriptors: number[] = [];
      try {
        const fd = openSync(path, flags);
        descriptors.push(fd);
        const lockFd = openLockFile(path, flags);
        if (lockFd !== null) descriptors.push(lockFd);
        return finish({ root, fd, lockFd });
      } catch (error) {
        void root.close();
        for (const each of descriptors) closeSync(each);
        throw error;
      }
    });
  } catch (error) {
    throw asStoreError(error, 'open the event log', path);
  }
}

/** Nobody can write a lock file on a file system that is read-only: LMDB then does without. */
function openLockFile(path: string, flags: 'r' | 'r+'): number | null {
  const lockPath = `${path}-lock`;
  return flags === 'r' && !existsSync(lockPath) ? null : openSync(lockPath, 'r');
}

/** Releases the file. LMDB closes it before this returns; the promise is for what lmdb-js itself still does. */
export function closeLmdbFile(file: LmdbFile): Promise<void> {
  const closed = file.root.close();
  closeSync(file.fd);
  if (file.lockFd !== null) closeSync(file.lockFd);
  return closed;
}
