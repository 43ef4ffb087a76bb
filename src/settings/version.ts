import { readFileSync } from 'node:fs';
import { packageFile } from '../package-files.ts';

/** The version of the package this file belongs to, built or not. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  const holdsVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return holdsVersion ? String(manifest.version) : 'unknown';
}
