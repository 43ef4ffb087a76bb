/**
 * Starts the command of a package that npx has installed already without npx, which would cost more than half a second and
 * two processes at each start. What is run, and with which arguments, is what npx would run now; whatever could make it run
 * something else is a doubt, and then npx itself is run.
 */
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import type { Directly, Ran } from '../../backend.ts';
import type { StdioConfig } from '../../config/service-config.ts';
import { Doubt } from './doubt.ts';
import { binDir, findOnPath, isFile, look, readJson, target, upwards } from './files.ts';
import { ownCommand, requireNodeScript } from './manifest.ts';
import { type NpmConfig, readNpmConfig } from './npm-config.ts';
import { type NpxCall, type PackageSpec, readNpxArguments } from './npx-arguments.ts';
import { findInstalled } from './npx-cache.ts';
import { commandInProject, findProject, isInstalled, type Project } from './project.ts';

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

/** npm versions whose npx was compared with what is here. */
const NPM_MAJORS = /^(?:8|9|10|11)\./;

/** Where npm is, and the node that would run it. */
interface Tools {
  readonly node: string;
  readonly npm: string;
}

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
  const cwd = resolve(config.cwd ?? '.');
  const call = readNpxArguments(config.args);
  const tools = await findTools(env, cwd);
  const project = await findProject(cwd);
  const npm = await npmConfig(env, project, tools);
  const found = (await inProject(call, project)) ?? (await inCache(call, npm, project, lookedUpAt, options));
  await requireNodeScript(found.link, dirname(dirname(found.link)));
  const bins = [dirname(found.link), ...upwards(cwd).map(binDir)];
  for (const place of bins)
    if (await isFile(join(place, 'node'))) throw new Doubt(`${place} has a node of its own`);
  return {
    line: [tools.node, found.link, ...call.args],
    env: { ...env, PATH: [...bins, env.PATH].join(delimiter) },
    ran: { by: 'node', package: found.package, script: found.link },
  };
}

/** @throws {Doubt} `npx` on the PATH is not npm's, or of a version nobody has looked at */
async function findTools(env: Env, cwd: string): Promise<Tools> {
  const path = env.PATH ?? '';
  const [npx, node] = await Promise.all([findOnPath('npx', path, cwd), findOnPath('node', path, cwd)]);
  if (npx === null || node === null) throw new Doubt('npx or node is not on the PATH');
  const script = (await target(npx)) ?? '';
  const npm = dirname(dirname(script));
  if (basename(script) !== 'npx-cli.js' || basename(npm) !== 'npm')
    throw new Doubt(`${npx} is not that of npm`);
  const { version } = (await readJson(join(npm, 'package.json'))) ?? {};
  if (!NPM_MAJORS.test(String(version))) throw new Doubt(`npm ${version} is not known here`);
  return { node, npm };
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
  project: Project,
  lookedUpAt: number | null,
  { maxAgeMs, now }: DirectStartOptions,
): Promise<Found> {
  const { packages, command } = call;
  if (command === null) await requireNoneGlobal(npm, packages);
  const { directory, manifests, installedAt } = await findInstalled(npm.cache, packages);
  const lastAt = Math.max(installedAt, lookedUpAt ?? 0);
  if (packages.some(({ version }) => version === null)) {
    if (now() - lastAt > maxAgeMs) throw new Doubt('it is time to look for a newer version');
    if (npm.changedAt > lastAt) throw new Doubt('npm is told other things than when it was installed');
  }
  const [first] = manifests;
  if (first === undefined) throw new Doubt(`${project.directory} asks for nothing`);
  const link = join(binDir(directory), command ?? ownCommand(first));
  const names = manifests.map(({ name, version }) => `${name}@${version}`);
  return { link, package: names.join(', ') };
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
