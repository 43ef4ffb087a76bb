import { sep } from 'node:path';

/** Whether a path is below a directory, by their text alone: both are full and without detours. */
export function isWithin(directory: string, path: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
