/** What npx has installed in its cache: a directory for each list of packages that were asked for together. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';
import { look, readJson } from './files.ts';
import { commandsOf, type Manifest, readManifest } from './manifest.ts';
import type { NpmConfig } from './npm-config.ts';
import type { PackageSpec } from './npx-arguments.ts';

interface InstalledPackage {
  readonly spec: PackageSpec;
  readonly manifest: Manifest;
  /** Name and commands as the registry gave them. */
  readonly listed: Pick<Manifest, 'name' | 'bin'>;
  /** Where it was taken from. */
  readonly resolved: unknown;
}

export interface Installed {
  readonly directory: string;
  /** In the order they were asked for. */
  readonly packages: readonly [InstalledPackage, ...InstalledPackage[]];
  /** Epoch ms at which something was last installed there. */
  readonly installedAt: number;
}

export interface Age {
  /** Epoch ms at which npx itself last ran for the service; null: never. */
  readonly lookedUpAt: number | null;
  readonly maxAgeMs: number;
  /** Epoch ms. */
  readonly now: number;
}

/** As libnpmexec 7 to 10 names it (npm 10 and 11): by the packages as they were written. */
export function npxDirectory(cache: string, packages: readonly PackageSpec[]): string {
  const raws = packages.map(({ raw }) => raw).sort((a, b) => a.localeCompare(b, 'en'));
  return join(cache, '_npx', createHash('sha512').update(raws.join('\n')).digest('hex').slice(0, 16));
}

/** @throws {Doubt} not installed, not whole, being installed, or another version */
export async function findInstalled(cache: string, specs: readonly PackageSpec[]): Promise<Installed> {
  const directory = npxDirectory(cache, specs);
  const modules = join(directory, 'node_modules');
  if ((await look(join(directory, 'concurrency.lock'))) !== null) throw new Doubt('npx is installing it');
  const lockPath = join(modules, '.package-lock.json');
  const [lock, seen] = await Promise.all([readJson(lockPath), look(lockPath)]);
  if (lock === null || seen === null) throw new Doubt('npx has not installed it yet');
  const [first, ...others] = await Promise.all(
    specs.map(spec => requirePackage(modules, lock.packages, spec, seen.changedAt)),
  );
  if (first === undefined) throw new Doubt('it asks for nothing');
  return { directory, packages: [first, ...others], installedAt: seen.changedAt };
}

async function requirePackage(
  modules: string,
  listed: unknown,
  spec: PackageSpec,
  installedAt: number,
): Promise<InstalledPackage> {
  const { name, version } = spec;
  const directory = join(modules, name);
  const [manifest, seen] = await Promise.all([readManifest(directory), look(directory)]);
  const entry = isObject(listed) ? listed[`node_modules/${name}`] : undefined;
  if (manifest === null || seen === null || !isObject(entry)) throw new Doubt('npx has not installed it yet');
  if (entry.link === true) throw new Doubt(`${directory} is a link`);
  // npm, too, takes its own list for out of date then.
  if (seen.changedAt > installedAt) throw new Doubt(`${directory} was changed by somebody else`);
  if (manifest.name !== name || manifest.version !== entry.version)
    throw new Doubt(`${directory} is not what npx has installed`);
  if (version !== null && manifest.version !== version) throw new Doubt('npx has installed another version');
  return {
    spec,
    manifest,
    listed: { name, bin: commandsOf({ name, bin: entry.bin }) },
    resolved: entry.resolved,
  };
}

/**
 * What has no version of its own is the newest only for a while, and only at the registry it came from.
 * @throws {Doubt} npx would look for a newer one, or ask another registry
 */
export function requireCurrent(installed: Installed, npm: NpmConfig, age: Age): void {
  const lastAt = Math.max(installed.installedAt, age.lookedUpAt ?? 0);
  for (const { spec, resolved } of installed.packages) {
    if (spec.version !== null) continue;
    const ageMs = age.now - lastAt;
    if (ageMs < 0) throw new Doubt('it was installed later than now');
    if (ageMs > age.maxAgeMs) throw new Doubt('it is time to look for a newer version');
    if (npm.changedAt > lastAt) throw new Doubt('npm is told other things than when it was installed');
    if (typeof resolved !== 'string' || !resolved.startsWith(npm.registryOf(spec.name)))
      throw new Doubt('npx has installed it from another registry');
  }
}
