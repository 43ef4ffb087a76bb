/** The npx that the system would start, the node that would run it, and whether its surroundings are plain. */
import { basename, dirname, join } from 'node:path';
import { Doubt, shown } from './doubt.ts';
import { findOnPath, readJson, target } from './files.ts';

/** npm versions whose npx was compared with what is here; those before could run a command as another user. */
const NPM_MAJORS = /^(?:10|11)\.\d/;

export interface Tools {
  readonly node: string;
  /** Directory of npm itself. */
  readonly npm: string;
  /** The PATH of the command. */
  readonly path: string;
}

/** @throws {Doubt} `npx` on the PATH is not npm's, or of a version nobody has looked at, or its shell may not be plain */
export async function findTools(env: Readonly<Record<string, string>>, cwd: string): Promise<Tools> {
  const path = plainPath(env);
  const [npx, node] = await Promise.all([findOnPath('npx', path, cwd), findOnPath('node', path, cwd)]);
  if (npx === null || node === null) throw new Doubt('npx or node is not on the PATH');
  const script = (await target(npx)) ?? '';
  const npm = dirname(dirname(script));
  if (basename(script) !== 'npx-cli.js' || basename(npm) !== 'npm')
    throw new Doubt(`${npx} is not that of npm`);
  const { version } = (await readJson(join(npm, 'package.json'))) ?? {};
  if (!NPM_MAJORS.test(String(version))) throw new Doubt(`npm ${shown(version)} is not known here`);
  return { node, npm, path };
}

function plainPath(env: Readonly<Record<string, string>>): string {
  const names = Object.keys(env);
  // A function that bash finds there goes before any file.
  if (names.some(name => name.startsWith('BASH_FUNC_')))
    throw new Doubt('a variable is a function of a shell');
  const { PATH: path } = env;
  // npm joins the values of all spellings.
  if (path === undefined || path === '' || names.some(name => name !== 'PATH' && /^path$/i.test(name)))
    throw new Doubt('there is not one PATH');
  return path;
}
