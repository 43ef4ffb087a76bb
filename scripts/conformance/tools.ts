/** The suites and the Node they need (22 or later): pinned by `tools/package-lock.json`, installed by npm on first use. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from './fault.ts';
import { SUITE, type SuiteName } from './suites.ts';

const PINS = fileURLToPath(new URL('tools/', import.meta.url));
const PIN_FILES = ['package.json', 'package-lock.json'];
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/evergate-conformance/', import.meta.url));

/** Longest quotation of npm's output, in characters. */
const LONGEST_QUOTE = 1500;

export interface Tools {
  /** The Node binary that runs the suites. */
  readonly node: string;
  /** The script to give to it. */
  suite(name: SuiteName): string;
}

/** The installed tools; installs them first if need be. @throws {Fault} npm could not install them */
export async function conformanceTools(say: (line: string) => void): Promise<Tools> {
  const pins = createHash('sha256');
  for (const file of PIN_FILES) pins.update(readFileSync(join(PINS, file)));
  const folder = join(CACHE, pins.digest('hex').slice(0, 12));
  if (!existsSync(folder)) {
    say('installing the conformance suites and Node 24 (first use only)');
    await install(folder);
  }
  const modules = join(folder, 'node_modules');
  return {
    node: join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
    suite: name => join(modules, SUITE[name].package, 'dist', 'index.js'),
  };
}

/** Installs beside, then renames: a folder that exists is whole, also when two runs install at once. */
async function install(folder: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(join(CACHE, 'installing-'));
  try {
    for (const file of PIN_FILES) copyFileSync(join(PINS, file), join(draft, file));
    await npmCi(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function npmCi(cwd: string): Promise<void> {
  const argv = ['ci', '--no-audit', '--no-fund', '--foreground-scripts'];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', argv, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output = (output + text).slice(-LONGEST_QUOTE);
      });
    }
    const fail = (reason: string) =>
      reject(
        new Fault(
          `the conformance suites could not be installed: ${reason}\n${output}\n` +
            'They are downloaded once, with npm: check the network and the registry npm is set to ' +
            '(npm config get registry), then run this again.',
        ),
      );
    child.once('error', error => fail(`npm did not start (${error.message}); it must be on the PATH`));
    child.once('close', code => (code === 0 ? resolve() : fail(`npm ci ended with ${code}`)));
  });
}
