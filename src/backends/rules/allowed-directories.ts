/**
 * The setting `allowedDirectories`: where the commands of configs may run. What is in its working directory decides what an
 * allowed command does: npx takes programs from `node_modules` there, and a registry from `.npmrc`; uv, Python and node look
 * there, too.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isWithin } from '../is-within.ts';

export interface DirectoryList {
  /** Whether it is one of the directories, or in one, once links have been followed. */
  allows(cwd: string): boolean;
}

/** @param entries full paths; none: no directory is allowed */
export function directoryList(entries: readonly string[]): DirectoryList {
  return {
    allows(cwd) {
      const path = realPath(cwd);
      return entries.map(realPath).some(directory => path === directory || isWithin(directory, path));
    },
  };
}

/** As the system finds it, each time anew, because links change. Of what is not there, as it is written: a start in it fails. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}
