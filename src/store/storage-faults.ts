/** Turns what LMDB and the file system throw into a StorageError that names the file and the remedy. */
import { constants } from 'node:os';
import { messageOf } from '../message-of.ts';
import { ConflictError, StorageError, UnreadableRecordError } from './errors.ts';

const RESTORE = 'restore a backup of the data directory, or move the directory away to start empty';
const FREE_SPACE = 'free disk space, then try again';

const ANOTHER = 'name another directory: there is something else in its place';

const VERIFY = 'try again; if that does not help, `evergate log verify` tells what is damaged';

/** By error name; LMDB's own errors carry negative numbers, system errors an errno or its name. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: FREE_SPACE,
  EDQUOT: FREE_SPACE,
  EFBIG: 'raise the file size limit of the process (ulimit -f), then try again',
  EROFS: 'make the file system writable',
  EACCES: 'give the gateway the right to read and write the data directory',
  EPERM: 'give the gateway the right to read and write the data directory',
  ENOENT: 'make sure that its parent directory is there and can be written',
  ENOTDIR: ANOTHER,
  EEXIST: ANOTHER,
  EIO: 'check that the disk is not full, and that it works',
  ENOMEM: 'raise the address space limit of the process (ulimit -v)',
  '-30797': RESTORE,
  '-30796': RESTORE,
  '-30782': RESTORE,
  '-30795': 'restart the gateway; if it persists, check the disk',
  '-30793': RESTORE,
  '-30794': 'it was written by another version of LMDB: start the version of the gateway that wrote it',
  '-30792': 'raise the address space limit of the process (ulimit -v)',
};

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A StorageError for a damaged file: says what is wrong, and that only a backup or a fresh start helps. */
export function damagedFile(path: string, what: string): StorageError {
  return new StorageError(`the event log ${path} is damaged (${what}): ${RESTORE}`);
}

/** The store's own errors pass as they are; all others become a StorageError with the original as `cause`. */
export function asStoreError(error: unknown, action: string, path: string): Error {
  if (
    error instanceof StorageError ||
    error instanceof ConflictError ||
    error instanceof UnreadableRecordError
  ) {
    return error;
  }
  const message = messageOf(error);
  const remedy = REMEDIES[faultName(error)] ?? VERIFY;
  return new StorageError(`cannot ${action} ${path}: ${message}: ${remedy}`, { cause: error });
}

/** True for faults of LMDB itself (they carry a number), false for bytes that could not be decoded. */
export function isEngineFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

function faultName(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  if (typeof error.code === 'number') return ERRNO_NAMES.get(error.code) ?? String(error.code);
  return String(error.code);
}
