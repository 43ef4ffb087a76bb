/** The commands of an installed package, and whether node alone can run one. */
import { readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';
import { isProgram, type JsonFile, readJson, readStart, target } from './files.ts';
import { COMMAND } from './npx-arguments.ts';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Files by the name of the command. */
  readonly bin: Readonly<Record<string, string>>;
}

/** As long as npm lets a version be. */
const MAX_VERSION = 256;

/** null: there is no such package. @throws {Doubt} */
export async function readManifest(directory: string): Promise<Manifest | null> {
  const file = await readJson(join(directory, 'package.json'));
  if (file === null) return null;
  const { name, version } = file;
  if (typeof name !== 'string' || typeof version !== 'string' || version.length > MAX_VERSION)
    throw new Doubt(`${directory} has no name or no version`);
  return { name, version, bin: commandsOf(file) };
}

/** As npm reads them. @throws {Doubt} they are given in another way */
export function commandsOf({ name, bin, directories }: JsonFile): Manifest['bin'] {
  if (isObject(directories) && directories.bin !== undefined) throw new Doubt('its commands are a directory');
  if (bin === undefined) return {};
  if (typeof bin === 'string' && typeof name === 'string') return { [unscoped(name)]: bin };
  if (!isObject(bin)) throw new Doubt('its commands cannot be read');
  const entries = Object.entries(bin).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

/** The command npx runs for a package: its only one, or that of its own name. @throws {Doubt} there is none, or it is no plain name */
export function ownCommand({ name, bin }: Pick<Manifest, 'name' | 'bin'>): string {
  const [first, ...others] = Object.keys(bin);
  const isOnly = first !== undefined && others.every(other => bin[other] === bin[first]);
  const command = isOnly ? first : unscoped(name);
  if (!Object.hasOwn(bin, command) || !COMMAND.test(command))
    throw new Doubt(`${name} has no command of its own`);
  return command;
}

const unscoped = (name: string) => name.replace(/^@[^/]+\//, '');

const SHEBANG = /^#!\/usr\/bin\/env node\n/;

/** @throws {Doubt} a link in `.bin` does not lead into `packages`, or to something that the shell would not give to node */
export async function requireNodeScript(link: string, packages: string): Promise<void> {
  const [to, root] = await Promise.all([target(link), target(packages)]);
  const isLink = await readlink(link).then(
    () => true,
    () => false,
  );
  if (!isLink || to === null || root === null || !to.startsWith(root + sep))
    throw new Doubt(`${link} is not a link to a package`);
  // What may not be executed the shell passes over.
  if (!SHEBANG.test((await readStart(to, 64)) ?? '') || !(await isProgram(to)))
    throw new Doubt(`${to} is not a script for node`);
}
