/** What npm would be told by its variables and files, as far as it decides where npx keeps packages. */
import { join } from 'node:path';
import { Doubt } from './doubt.ts';
import { look, readText } from './files.ts';

export interface NpmConfig {
  /** npm's cache. */
  readonly cache: string;
  /** Where packages may be installed globally: one of these is the right one. */
  readonly prefixes: readonly string[];
  /** Epoch ms at which the latest of the files was changed; 0: there is none. */
  readonly changedAt: number;
}

export interface NpmSurroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** Directory of the project npm takes itself to be in. */
  readonly project: string;
  /** Directory of npm itself. */
  readonly npm: string;
  /** Prefixes that follow from where node is. */
  readonly prefixes: readonly string[];
}

/** Keys that change nothing about what is installed where, and how it is run. */
const HARMLESS = new RegExp(
  `^(?:${[
    '//.*|@[^:]+:registry|registry|always-auth|_auth|_authtoken|username|_password|email',
    'strict-ssl|ca|cafile|cert|key|certfile|keyfile|proxy|https?-proxy|noproxy|local-address',
    'fetch-.*|maxsockets|prefer-online|prefer-offline|replace-registry-host',
    'audit|audit-level|fund|update-notifier|loglevel|progress|color|unicode|heading|timing|logs-max|yes',
    'save|save-exact|save-prefix|package-lock|lockfile-version|omit-lockfile-registry-resolved|nodedir|python|engine-strict|legacy-peer-deps|strict-peer-deps|ignore-scripts',
    'init[-.].*|sign-git-.*|git-tag-version|tag-version-prefix|message|access|provenance',
  ].join('|')})$`,
);

/** @throws {Doubt} something is set that is not known to be harmless */
export async function readNpmConfig(around: NpmSurroundings): Promise<NpmConfig> {
  const { env, home, project, npm } = around;
  const ownPrefixes = [...around.prefixes];
  let cache = fromEnvironment(env);
  let changedAt = 0;
  const take = async (path: string, isProject = false) => {
    const text = await readText(path);
    if (text === null) return;
    changedAt = Math.max(changedAt, (await look(path))?.changedAt ?? 0);
    for (const [key, value] of entries(text, path)) {
      if (key === 'cache') cache ??= asPath(value, home);
      else if (key === 'prefix' && !isProject) ownPrefixes.push(asPath(value, home));
      else if (!HARMLESS.test(key)) throw new Doubt(`${path} sets ${key}`);
    }
  };
  const user = join(home, '.npmrc');
  const own = join(project, '.npmrc');
  if (own !== user) await take(own, true);
  await take(user);
  await take(join(npm, 'npmrc'));
  for (const prefix of new Set(ownPrefixes)) await take(join(prefix, 'etc', 'npmrc'));
  return { cache: cache ?? join(home, '.npm'), prefixes: [...new Set(ownPrefixes)], changedAt };
}

/** The cache, if a variable sets it. */
function fromEnvironment(env: NpmSurroundings['env']): string | null {
  let cache: string | null = null;
  for (const [name, value] of Object.entries(env)) {
    if (name === 'PREFIX' || name === 'DESTDIR') throw new Doubt(`the variable ${name} is set`);
    if (!/^npm_config_/i.test(name) || value === '') continue;
    const key = name
      .slice('npm_config_'.length)
      .toLowerCase()
      .replaceAll(/(?!^)_/g, '-');
    if (key === 'cache' && value.startsWith('/')) cache = value;
    // A registry of its own may have other packages than the one they were installed from.
    else if (key === 'registry' || !HARMLESS.test(key)) throw new Doubt(`the variable ${name} is set`);
  }
  return cache;
}

function* entries(text: string, path: string): Generator<[key: string, value: string]> {
  for (const line of text.split(/\r?\n/).map(part => part.trim())) {
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at === -1 || line.startsWith('[')) throw new Doubt(`${path} has a line that is not read here`);
    yield [line.slice(0, at).trim().replace(/\[\]$/, '').toLowerCase(), line.slice(at + 1).trim()];
  }
}

/** @throws {Doubt} it is not a plain path */
function asPath(value: string, home: string): string {
  const path = value.replace(/^~(?=\/)/, home);
  if (!path.startsWith('/') || /["'$\\]/.test(path))
    throw new Doubt('npm is told a path that is not read here');
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
