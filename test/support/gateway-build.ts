/** The gateway built once for a run of many: bundled as it is published, and file by file for those who reach into it. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../../scripts/program/build.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the package, so that its dependencies are found. */
const CACHE = join(ROOT, 'node_modules', '.cache');
/** Where the program is in a build, as far below its root as in the package. */
const PROGRAM = 'program';
/** Names the directory of the build in the environment of the tests. */
export const BUILD_VARIABLE = 'GATEWAY_UNDER_TEST';

export interface GatewayBuild {
  /** Has the program, the sources' folders, compiled, and besides them the points of test/kill. */
  readonly directory: string;
  remove(): void;
}

/** Types are not looked at: `npm run check` does that. @throws {Error} it cannot be compiled */
export async function buildGateway(): Promise<GatewayBuild> {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'evergate-test-'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', join(ROOT, 'test', 'kill'), '--outDir', directory], { stdio: 'inherit' });
  await buildProgram(join(directory, PROGRAM));
  copyFileSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  // What the gateway serves beside its code.
  for (const folder of ['dist', 'docs']) symlinkSync(join(ROOT, folder), join(directory, folder));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Directory of the build that this run of the tests has. @throws {Error} it has none */
export function buildUnderTest(): string {
  const directory = process.env[BUILD_VARIABLE];
  if (directory === undefined)
    throw new Error(`${BUILD_VARIABLE} is not set: test/support/global-setup.ts does`);
  return directory;
}

/** What `node` has to be given to run `evergate`: of the build, where a run has one, else of the sources. */
export function gatewayArgv(): string[] {
  const directory = process.env[BUILD_VARIABLE];
  return directory === undefined
    ? ['--import', 'tsx', join(ROOT, 'src/cli.ts')]
    : [join(directory, PROGRAM, 'cli.js')];
}

/** The same with the points at which a life can be ended (test/kill/inject). */
export function killableArgv(directory: string): string[] {
  return ['--import', join(directory, 'test/kill/inject/preload.js'), join(directory, 'src/cli.js')];
}
