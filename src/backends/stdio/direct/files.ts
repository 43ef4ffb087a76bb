/** Looking at files that may not be there. Faults other than that are doubts. */
import { open, readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';

export type JsonFile = Readonly<Record<string, unknown>>;

/** Largest file that is read, in bytes; the list of a large project's packages has a few MB. */
const MAX_BYTES = 16 * 1_048_576;

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

/** null: there is no such file. @throws {Doubt} it cannot be read, or is too long */
export async function readText(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Doubt(`${path} is too long`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error instanceof Doubt ? error : new Doubt(`${path} cannot be read`);
  }
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

/** The first bytes of a file as text. */
export async function readStart(path: string, bytes: number): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
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

/** The first file of that name on a PATH; null: there is none. */
export async function findOnPath(name: string, path: string, cwd: string): Promise<string | null> {
  for (const place of path.split(delimiter)) {
    const found = resolve(cwd, place, name);
    if (await isFile(found)) return found;
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
  return code === 'ENOENT' || code === 'ENOTDIR';
}
