/** The gateway as it runs in these tests: compiled once for a run, because it starts three times as fast as through tsx. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the package, so that its dependencies are found. */
const CACHE = join(ROOT, 'node_modules', '.cache');

export interface Build {
  /** What `node` has to be given to run the gateway with its points. */
  readonly argv: readonly string[];
  remove(): void;
}

/** @throws {Error} it cannot be compiled */
export function buildGateway(): Build {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'evergate-kill-'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', join(ROOT, 'test', 'kill'), '--outDir', directory], { stdio: 'inherit' });
  copyFileSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  return {
    argv: ['--import', join(directory, 'test/kill/inject/preload.js'), join(directory, 'src/cli.js')],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
