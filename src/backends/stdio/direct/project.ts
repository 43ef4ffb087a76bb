/** What the project has that npm takes itself to be in: npx looks there first. */
import { join } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';
import { binDir, isFile, type JsonFile, look, readJson, upwards } from './files.ts';
import { commandsOf, ownCommand, readManifest } from './manifest.ts';
import type { PackageSpec } from './npx-arguments.ts';

export interface Project {
  readonly directory: string;
  /** Its package.json; null: it has none. */
  readonly file: JsonFile | null;
}

/** The nearest directory with a package.json or packages; else where we are. @throws {Doubt} it may be a workspace */
export async function findProject(cwd: string): Promise<Project> {
  let found: Project | null = null;
  const places = await Promise.all(
    upwards(cwd).map(async directory => ({
      directory,
      file: await readJson(join(directory, 'package.json')),
      modules: await look(join(directory, 'node_modules')),
    })),
  );
  for (const { directory, file, modules } of places) {
    if (file?.workspaces !== undefined) throw new Doubt(`${directory} has workspaces`);
    const isOne = file !== null || modules?.kind === 'directory';
    if (isOne) found ??= { directory, file };
  }
  return found ?? { directory: cwd, file: null };
}

/** The command that npx would run from the project, as its path in a `.bin`; null: it has none. @throws {Doubt} */
export async function commandInProject(project: Project, spec: PackageSpec): Promise<string | null> {
  const { directory, file } = project;
  if (file !== null && (file.name === spec.name || Object.hasOwn(commandsOf(file), spec.raw)))
    throw new Doubt(`${directory} is the package itself`);
  for (const place of upwards(directory).map(binDir)) {
    if (await isFile(join(place, spec.raw))) return join(place, spec.raw);
  }
  if (!(await isInstalled(directory, spec))) return null;
  const manifest = await readManifest(join(directory, 'node_modules', spec.name));
  if (manifest === null || manifest.name !== spec.name)
    throw new Doubt(`${directory} has it in another place`);
  const command = ownCommand(manifest);
  return join(binDir(directory), command);
}

/** Whether the packages of a project, at any depth, have one that will do. @throws {Doubt} */
export async function isInstalled(directory: string, spec: PackageSpec): Promise<boolean> {
  const modules = join(directory, 'node_modules');
  if ((await look(modules)) === null) return false;
  let will = false;
  for (const [path, entry] of Object.entries(await readList(modules, spec.name))) {
    if (!isObject(entry) || entry.link === true) throw new Doubt(`${modules} has links`);
    if (entry.name !== spec.name && !path.endsWith(`node_modules/${spec.name}`)) continue;
    if (path !== `node_modules/${spec.name}`) throw new Doubt(`${modules} has it more than once`);
    // By a tag npx would look up what that is now.
    if (spec.raw !== spec.name && spec.version === null) throw new Doubt(`${modules} has some version of it`);
    will = spec.version === null || entry.version === spec.version;
  }
  return will;
}

/** npm's own list of what it has installed. @throws {Doubt} there is none, or the package of that name is not as it says */
async function readList(modules: string, name: string): Promise<JsonFile> {
  const listPath = join(modules, '.package-lock.json');
  const own = join(modules, name);
  const [list, written, seen] = await Promise.all([readJson(listPath), look(listPath), look(own)]);
  if (list === null || written === null || !isObject(list.packages))
    throw new Doubt(`${modules} was not installed by npm`);
  const isListed = Object.hasOwn(list.packages, `node_modules/${name}`);
  // Then npm reads the packages themselves.
  if (isListed ? seen !== null && seen.changedAt > written.changedAt : seen !== null)
    throw new Doubt(`${own} was changed by somebody else`);
  return list.packages;
}
