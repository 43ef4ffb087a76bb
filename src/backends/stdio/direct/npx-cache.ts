/** What npx has installed in its cache: a directory for each list of packages that were asked for together. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isObject } from '../../rpc/places.ts';
import { Doubt } from './doubt.ts';
import { look, readJson } from './files.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { PackageSpec } from './npx-arguments.ts';

export interface Installed {
  readonly directory: string;
  /** In the order they were asked for. */
  readonly manifests: readonly Manifest[];
  /** Epoch ms at which something was last installed there. */
  readonly installedAt: number;
}

/** As libnpmexec 4 to 10 names it (npm 8 to 11): by the packages as they were written. */
export function npxDirectory(cache: string, packages: readonly PackageSpec[]): string {
  const raws = packages.map(({ raw }) => raw).sort((a, b) => a.localeCompare(b, 'en'));
  return join(cache, '_npx', createHash('sha512').update(raws.join('\n')).digest('hex').slice(0, 16));
}

/** @throws {Doubt} not installed, not whole, being installed, or another version */
export async function findInstalled(cache: string, packages: readonly PackageSpec[]): Promise<Installed> {
  const directory = npxDirectory(cache, packages);
  const modules = join(directory, 'node_modules');
  if ((await look(join(directory, 'concurrency.lock'))) !== null) throw new Doubt('npx is installing it');
  const lockPath = join(modules, '.package-lock.json');
  const [lock, seen] = await Promise.all([readJson(lockPath), look(lockPath)]);
  if (lock === null || seen === null) throw new Doubt('npx has not installed it yet');
  const manifests = await Promise.all(
    packages.map(spec => requirePackage(modules, lock.packages, spec, seen.changedAt)),
  );
  return { directory, manifests, installedAt: seen.changedAt };
}

async function requirePackage(
  modules: string,
  listed: unknown,
  { name, version }: PackageSpec,
  installedAt: number,
): Promise<Manifest> {
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
  return manifest;
}
