/**
 * Starts the command of a package that npx has installed already without npx, which would cost more than half a second and
 * two processes at each start. What is run, and with which arguments, is what npx would run now; whatever could make it run
 * something else is a doubt, and then npx itself is run.
 */
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import type { Directly, Ran } from '../../backend.ts';
import type { StdioConfig } from '../../config/service-config.ts';
import { Doubt } from './doubt.ts';
import { binDir, isFile, look, target, upwards } from './files.ts';
import { ownCommand, requireNodeScript } from './manifest.ts';
import { type NpmConfig, readNpmConfig } from './npm-config.ts';
import { type NpxCall, type PackageSpec, readNpxArguments } from './npx-arguments.ts';
import { findInstalled, requireCurrent } from './npx-cache.ts';
import { commandInProject, findProject, isInstalled, type Project } from './project.ts';
import { isShellWord } from './shell-words.ts';
import { findTools, type Tools } from './tools.ts';

export interface DirectStartOptions {
  /** For how long what npx looked up counts as the newest, in ms. A version that is named counts for ever. */
  readonly maxAgeMs: number;
  /** Epoch ms. */
  now(): number;
}

/** How a command is run after all. */
export interface RunLine {
  readonly line: readonly string[];
  readonly env: Record<string, string>;
  readonly ran: Ran;
}

type Env = Record<string, string>;

/** A command in a `.bin`, and what of the record it belongs to. */
interface Found {
  readonly link: string;
  readonly package: string;
}

/**
 * The line to run in place of the config's; null: it is no `npx` command, nothing is known of it.
 * @param directly what is known of earlier starts
 */
export async function directStart(
  config: StdioConfig,
  env: Env,
  directly: Directly,
  options: DirectStartOptions,
): Promise<RunLine | null> {
  if (config.command !== 'npx') return null;
  try {
    if (directly.doubt !== null) throw new Doubt(directly.doubt);
    return await resolveCall(config, env, directly.lookedUpAt, options);
  } catch (error) {
    if (!(error instanceof Doubt)) throw error;
    return { line: [config.command, ...config.args], env, ran: { by: 'npx', because: error.message } };
  }
}

async function resolveCall(
  config: StdioConfig,
  env: Env,
  lookedUpAt: number | null,
  options: DirectStartOptions,
): Promise<RunLine> {
  if (process.platform === 'win32') throw new Doubt('this is Windows');
  const call = readNpxArguments(config.args);
  // npm looks upwards from where it really is.
  const cwd = await target(resolve(config.cwd ?? '.'));
  if (cwd === null) throw new Doubt('its working directory is not there');
  const [tools, project] = await Promise.all([findTools(env, cwd), findProject(cwd)]);
  const npm = await npmConfig(env, project, tools);
  const found = (await inProject(call, project)) ?? (await inCache(call, npm, lookedUpAt, options));
  const bins = [dirname(found.link), ...upwards(cwd).map(binDir)];
  await requireThatShellFinds(found.link, bins);
  return {
    line: [tools.node, found.link, ...call.args],
    env: { ...env, PATH: [...bins, tools.path].join(delimiter) },
    ran: { by: 'node', package: found.package, script: found.link },
  };
}

/** @throws {Doubt} the shell and node that npx would have run it by may not be the usual ones, or find something else */
async function requireThatShellFinds(link: string, bins: readonly string[]): Promise<void> {
  await requireNodeScript(link, dirname(dirname(link)));
  if (isShellWord(basename(link))) throw new Doubt(`a shell has a ${basename(link)} of its own`);
  await Promise.all(bins.map(requirePlainPlace));
}

async function requirePlainPlace(place: string): Promise<void> {
  if (place.includes(delimiter)) throw new Doubt(`${place} cannot be on a PATH`);
  const programs = ['node', 'sh'];
  const areThere = await Promise.all(programs.map(program => isFile(join(place, program))));
  const found = programs.find((_, index) => areThere[index]);
  if (found !== undefined) throw new Doubt(`${place} has a ${found} of its own`);
}

async function npmConfig(env: Env, { directory }: Project, { node, npm }: Tools): Promise<NpmConfig> {
  const { HOME: home } = env;
  if (home?.startsWith('/') !== true) throw new Doubt('HOME is not set');
  const real = (await target(node)) ?? node;
  const prefixes = [node, real].map(path => dirname(dirname(path)));
  return readNpmConfig({ env, home, project: directory, npm, prefixes });
}

/** null: the project has nothing of it. @throws {Doubt} */
async function inProject(call: NpxCall, project: Project): Promise<Found | null> {
  const [spec] = call.packages;
  if (spec === undefined || call.command !== null) {
    for (const each of call.packages)
      if (await isInstalled(project.directory, each)) throw new Doubt('the project has a part of it');
    return null;
  }
  const link = await commandInProject(project, spec);
  return link === null ? null : { link, package: `${spec.name} of ${project.directory}` };
}

/** @throws {Doubt} */
async function inCache(
  call: NpxCall,
  npm: NpmConfig,
  lookedUpAt: number | null,
  { maxAgeMs, now }: DirectStartOptions,
): Promise<Found> {
  const { packages, command } = call;
  if (command === null) await requireNoneGlobal(npm, packages);
  const installed = await findInstalled(npm.cache, packages);
  requireCurrent(installed, npm, { lookedUpAt, maxAgeMs, now: now() });
  const [first] = installed.packages;
  const name = command ?? ownCommand(first.manifest);
  // What the registry says of a package may differ from what is in it; npx asks the registry.
  if (command === null && name !== ownCommand(first.listed))
    throw new Doubt('the registry names another command');
  const names = installed.packages.map(({ manifest }) => `${manifest.name}@${manifest.version}`);
  return { link: join(binDir(installed.directory), name), package: names.join(', ') };
}

/** A package that is installed globally goes before npx's cache. */
async function requireNoneGlobal({ prefixes }: NpmConfig, packages: readonly PackageSpec[]): Promise<void> {
  for (const { raw, name } of packages) {
    for (const prefix of prefixes) {
      const isThere =
        (await isFile(join(prefix, 'bin', raw))) ||
        (await look(join(prefix, 'lib', 'node_modules', name))) !== null;
      if (isThere) throw new Doubt(`${name} is installed globally`);
    }
  }
}
