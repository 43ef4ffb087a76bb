import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { open, type RootDatabaseOptions } from 'lmdb';
import { ensureRoom } from './data-file.ts';

/**
 * Makes an LMDB file without tables. It comes into its place whole: an empty file there was not left by a crash, it has
 * lost everything. Of several that do this at once, one file is made.
 */
export function createFile(path: string, options: RootDatabaseOptions): void {
  const fresh = `${path}-new-${process.pid}`;
  try {
    void open({ ...options, path: fresh, noSubdir: true }).close();
    const fd = openSync(fresh, 'r+');
    try {
      ensureRoom(fd, fresh, 0);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    linkSync(fresh, path);
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isThere) throw error;
  } finally {
    rmSync(fresh, { force: true });
    rmSync(`${fresh}-lock`, { force: true });
  }
}
