/**
 * Sees to it that no commit is built on any but the newest one. LMDB as lmdb 3.5.6 carries it has a fault that its makers
 * mended later (ITS#9496): whoever opens a file, be it for reading alone, writes into the lock file which commit it found
 * to be the newest. When the gateway commits between the two, the lock file then names the commit before: the next
 * transaction begins there, and what was durable is gone without a word. The data file itself always tells the truth.
 */
import { readSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { readRoots } from './data-file.ts';
import { StorageError } from './errors.ts';

/** Where the lock file names the newest commit (struct MDB_txbody). */
const COMMIT_AT = 8;
/** How long a commit may be written and not be named yet, in ms: the time that its sync takes. */
const SYNC_MS = 200;
const LOOK_EVERY_MS = 5;

/** How often what was overtaken is tried: each time somebody else would have to open the file in the same few microseconds. */
const ATTEMPTS = 5;

/** A transaction that does not follow from the newest commit. Nothing of it is written; opened afresh, the file is right again. */
export class OvertakenError extends StorageError {
  constructor(path: string) {
    super(
      `the event log ${path} is opened by so many others at once that its newest commit cannot be told: try again`,
    );
  }
}

/** Number of the newest commit. @throws {StorageError} the file is damaged */
export const newestCommit = (fd: number, path: string): number => Number(readRoots(fd, path).txnId);

/** To be called inside a write transaction, before anything is written. @throws {OvertakenError} */
export function requireNewest(root: RootDatabase<unknown, string>, fd: number, path: string): void {
  if (root.getWriteTxnId() !== newestCommit(fd, path) + 1) throw new OvertakenError(path);
}

/** Number of the commit that transactions begin from now. @param lockFd a descriptor of the lock file */
export function namedCommit(lockFd: number): number {
  const bytes = Buffer.alloc(8);
  readSync(lockFd, bytes, 0, bytes.length, COMMIT_AT);
  return Number(bytes.readBigUInt64LE());
}

/**
 * Whether, in a file that another process may write, transactions do not begin from the newest commit.
 * @param patienceMs a commit that is newer for less than this is only being synced
 */
export function isBehind(fd: number, lockFd: number, path: string, patienceMs = SYNC_MS): boolean {
  const end = performance.now() + patienceMs;
  while (namedCommit(lockFd) < newestCommit(fd, path)) {
    if (performance.now() >= end) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
  return false;
}

/** Tries again what was overtaken; `attempt` has to open the file afresh. @throws {OvertakenError} it was every time */
export function afresh<T>(attempt: () => T): T {
  for (let left = ATTEMPTS - 1; left > 0; left--) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof OvertakenError)) throw error;
    }
  }
  return attempt();
}
