/** The standard output of this process: all of what is written there gets there, or it is said why not. */
import { fstatSync } from 'node:fs';
import { messageOf } from '../message-of.ts';
import { writeWhole } from './write-whole.ts';

const STDOUT = 1;

/**
 * Into a pipe or a terminal as a stream does, whose errors are events. Into a file at once: Node's stream for files takes no
 * notice of a write that took a part alone.
 * @throws {Error} the file takes no more, in one line
 */
export function writeOutput(text: string): void {
  if (!isFile()) {
    process.stdout.write(text);
    return;
  }
  try {
    writeWhole(STDOUT, text);
  } catch (error) {
    throw unwritable(error);
  }
}

/** What is told of an error of the standard output. */
export function unwritable(error: unknown): Error {
  return new Error(`the output cannot be written: ${messageOf(error)}`, { cause: error });
}

/** A file, or a device that is no terminal, such as /dev/null. */
function isFile(): boolean {
  const stats = fstatSync(STDOUT);
  return !process.stdout.isTTY && (stats.isFile() || stats.isCharacterDevice());
}
