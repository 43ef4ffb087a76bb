/** A copy of the data directory that a gateway can be started over, taken while it is in use or not. */
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from './errors.ts';
import { dataFilePath, openLmdbFile } from './lmdb-file.ts';
import { LmdbHandle } from './lmdb-handle.ts';
import { LmdbLog } from './lmdb-log.ts';
import { makeDirectory } from './make-directory.ts';
import { drain } from './pages/check-file.ts';
import { asStoreError } from './storage-faults.ts';

/** What a backup was found to hold. */
export interface Backup {
  readonly path: string;
  readonly pages: number;
  readonly lastSeq: number;
}

/**
 * Copies the log as it is at this moment, without its free pages, and looks at every page of the copy.
 * @param targetDir created when missing, mode 0700; must have no log
 * @param besides puts there what else a data directory holds, before the copy counts as one
 * @throws {StorageError} it has one, the copy could not be written, or is not sound; nothing of the log is left then
 */
export async function backUp(data: LmdbHandle, targetDir: string, besides: () => void): Promise<Backup> {
  const path = dataFilePath(targetDir);
  if (existsSync(path)) throw new StorageError(`${dirname(path)} has a log already: name another directory`);
  const part = `${path}.part`;
  makeTarget(dirname(path));
  try {
    rmSync(part, { force: true });
    await data.copyTo(part);
    chmodSync(part, 0o600);
    besides();
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw asStoreError(error, 'back up to', dirname(path));
  }
  try {
    return await examine(targetDir);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function makeTarget(path: string): void {
  try {
    makeDirectory(path);
  } catch (error) {
    throw asStoreError(error, 'back up to', path);
  }
}

/** Opens the copy as a gateway would, takes the claim of the one it comes from out of it, and reads it once. */
async function examine(targetDir: string): Promise<Backup> {
  const copy = new LmdbHandle(targetDir, openLmdbFile(targetDir));
  try {
    const pages = drain(copy.checkPages()) ?? 0;
    return { path: dataFilePath(targetDir), pages, lastSeq: new LmdbLog(copy).lastSeq() };
  } finally {
    await copy.close();
  }
}
