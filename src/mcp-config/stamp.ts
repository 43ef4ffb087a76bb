/** How a file is, without a look into it. */
import { statSync } from 'node:fs';

/** What differs when a file does: links are followed, so that a mounted directory that is swapped is seen, too. */
export function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** The same of several files. */
export function stampOfAll(stamps: Iterable<readonly [path: string, stamp: string]>): string {
  return [...stamps].map(entry => entry.join(' ')).join('\n');
}
