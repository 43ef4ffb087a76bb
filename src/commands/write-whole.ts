import { writeSync } from 'node:fs';

/**
 * Writes all of a text: one write may take a part of it alone, as on a disk that fills up, and only the next one says why.
 * @throws {Error} of the file system; a part may have been written
 */
export function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
