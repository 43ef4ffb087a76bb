/** Looking at files that may not be there. Faults other than that are doubts. */
import { constants } from 'node:fs';
import { access, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';

export type JsonFile = Readonly<Record<string, unknown>>;

/** Largest file that is read, in bytes: to parse the list of a larger project would hold up every call meanwhile. */
const MAX_BYTES = 4 * 1_048_576;

/** null: there is no such thing. @throws {Doubt} it cannot be looked at */
export async function look(path: string): Promise<{ kind: 'file' | 'directory'; changedAt: number } | null> {
  try {
    const stats = await stat(path);
    return { kind: stats.isDirectory() ? 'directory' : 'file', changedAt: stats.mtimeMs };
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Doubt(`${path} cannot be looked at`);
  }
}

export const isFile = async (path: string) => (await look(path))?.kind === 'file';

/** Whether there is a file that this user may execute: what the system and the shell pass over on the PATH if not. */
export async function isProgram(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** null: there is no such file. @throws {Doubt} it is no plain file, cannot be read, or is too long */
export async function readText(path: string): Promise<string | null> {
  return reading(path, async file => {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new Doubt(`${path} is too long`);
    return file.readFile('utf8');
  });
}

/** null: there is no such file. @throws {Doubt} it cannot be read, or is no JSON object */
export async function readJson(path: string): Promise<JsonFile | null> {
  const text = await readText(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw new Doubt(`${path} is not a JSON object`);
}

/** The first bytes of a file as text; null: there is no such file. @throws {Doubt} */
export async function readStart(path: string, bytes: number): Promise<string | null> {
  return reading(path, async file => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  });
}

/** Opened without waiting: a pipe of that name would hold up one of the few threads that files are read by, for ever. */
async function reading<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Doubt(`${path} is no plain file`);
      return await read(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error instanceof Doubt ? error : new Doubt(`${path} cannot be read`);
  }
}

/** Where a path leads to; null: nowhere. */
export async function target(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    return null;
  }
}

/** The program that a name on the PATH is; null: there is none. */
export async function findOnPath(name: string, path: string, cwd: string): Promise<string | null> {
  for (const place of path.split(delimiter)) {
    const found = resolve(cwd, place, name);
    if (await isProgram(found)) return found;
  }
  return null;
}

/** A directory and all that it is in, the innermost first. */
export function upwards(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
}

export const binDir = (directory: string) => join(directory, 'node_modules', '.bin');

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
