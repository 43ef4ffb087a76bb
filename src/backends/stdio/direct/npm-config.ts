/** What npm would be told by its variables and files, as far as it decides where npx keeps packages, and from where it takes them. */
import { join } from 'node:path';
import { Doubt, shown } from './doubt.ts';
import { look, readText } from './files.ts';

export interface NpmConfig {
  /** npm's cache. */
  readonly cache: string;
  /** Where packages may be installed globally: one of these is the right one. */
  readonly prefixes: readonly string[];
  /** Epoch ms at which the latest of the files was changed; 0: there is none. */
  readonly changedAt: number;
  /** URL of the registry that has a package, with a slash at its end. */
  registryOf(name: string): string;
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

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** The registry of all packages, or of those of a scope. */
const REGISTRY = /^(?:registry|@[^:]+:registry)$/;

/** Keys that change nothing about what is installed where, and how it is run. */
const HARMLESS = new RegExp(
  `^(?:${[
    '//.*|always-auth|_auth|_authtoken|username|_password|email',
    'strict-ssl|ca|cafile|cert|key|certfile|keyfile|proxy|https?-proxy|noproxy|local-address',
    'fetch-.*|maxsockets|prefer-online|prefer-offline|replace-registry-host',
    'audit|audit-level|fund|update-notifier|loglevel|progress|color|unicode|heading|timing|logs-max|yes',
    'save|save-exact|save-prefix|package-lock|lockfile-version|omit-lockfile-registry-resolved|nodedir|python|engine-strict|legacy-peer-deps|strict-peer-deps|ignore-scripts',
    'init[-.].*|sign-git-.*|git-tag-version|tag-version-prefix|message|access|provenance',
  ].join('|')})$`,
);

/** Whose word goes first. npm's own file and the global one are one: which of them is the global one is not known here. */
const RANK = { variables: 0, project: 1, user: 2, rest: 3 };

/** What was said of the keys that are read, each by the first whose word goes. */
class Said {
  readonly #values = new Map<string, { value: string; rank: number }>();

  /** Sources are heard in the order of their rank. @throws {Doubt} two of the same rank disagree */
  hear(key: string, value: string, rank: number): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, { value, rank });
    else if (known.rank === rank && known.value !== value) throw new Doubt(`npm is told ${shown(key)} twice`);
  }

  get(key: string): string | undefined {
    return this.#values.get(key)?.value;
  }
}

/** @throws {Doubt} something is set that is not known to be harmless */
export async function readNpmConfig(around: NpmSurroundings): Promise<NpmConfig> {
  const { env, home, project, npm } = around;
  const prefixes = [...around.prefixes];
  const said = new Said();
  let changedAt = 0;
  hearVariables(env, said);
  const take = async (path: string, rank: number) => {
    changedAt = Math.max(changedAt, (await look(path))?.changedAt ?? 0);
    for (const [key, value] of entries((await readText(path)) ?? '', path)) {
      if (key === 'cache') said.hear(key, asPath(value, home), rank);
      else if (REGISTRY.test(key)) said.hear(key, asUrl(value), rank);
      else if (key === 'prefix' && rank !== RANK.project) prefixes.push(asPath(value, home));
      else if (!HARMLESS.test(key)) throw new Doubt(`${path} sets ${shown(key)}`);
    }
  };
  const user = join(home, '.npmrc');
  const own = join(project, '.npmrc');
  if (own !== user) await take(own, RANK.project);
  await take(user, RANK.user);
  await take(join(npm, 'npmrc'), RANK.rest);
  for (const prefix of new Set(prefixes)) await take(join(prefix, 'etc', 'npmrc'), RANK.rest);
  return {
    cache: said.get('cache') ?? join(home, '.npm'),
    prefixes: [...new Set(prefixes)],
    changedAt,
    registryOf(name) {
      const [scope = ''] = name.split('/');
      return said.get(`${scope}:registry`) ?? said.get('registry') ?? PUBLIC_REGISTRY;
    },
  };
}

function hearVariables(env: NpmSurroundings['env'], said: Said): void {
  for (const [name, value] of Object.entries(env)) {
    const isSet = () => new Doubt(`the variable ${shown(name)} is set`);
    if (name === 'PREFIX' || name === 'DESTDIR') throw isSet();
    if (!/^npm_config_/i.test(name) || value === '') continue;
    const key = name
      .slice('npm_config_'.length)
      .toLowerCase()
      .replaceAll(/(?!^)_/g, '-');
    if (key === 'cache' && value.startsWith('/')) said.hear(key, value, RANK.variables);
    else if (REGISTRY.test(key)) said.hear(key, asUrl(value), RANK.variables);
    else if (!HARMLESS.test(key)) throw isSet();
  }
}

/** The last of the lines with a key counts. */
function entries(text: string, path: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/).map(part => part.trim())) {
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at === -1 || line.startsWith('[')) throw new Doubt(`${path} has a line that is not read here`);
    const key = line.slice(0, at).trim().replace(/\[\]$/, '').toLowerCase();
    found.set(key, line.slice(at + 1).trim());
  }
  return found;
}

/** @throws {Doubt} it is not a plain path */
function asPath(value: string, home: string): string {
  const path = value.replace(/^~(?=\/)/, home);
  if (!path.startsWith('/') || /["'$\\;#]/.test(path))
    throw new Doubt('npm is told a path that is not read here');
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

/** @throws {Doubt} it is not a plain URL */
function asUrl(value: string): string {
  if (!/^https?:\/\/[\w.:/@%~+-]+$/.test(value))
    throw new Doubt('npm is told a registry that is not read here');
  return `${value.replace(/\/+$/, '')}/`;
}
