import { readFileSync } from 'node:fs';

/** The version of the package this file belongs to, built or not. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const holdsVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return holdsVersion ? String(manifest.version) : 'unknown';
}
