/** A directory in which npm, its cache and a project look as a test wants them to, without running any of it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { directStart } from '../../src/backends/stdio/direct/direct-start.ts';
import { npxDirectory } from '../../src/backends/stdio/direct/npx-cache.ts';

export const NOW = 1_769_000_000_000;
export const DAY_MS = 86_400_000;
export const LISTED = {
  version: '1.0.0',
  resolved: 'https://registry.npmjs.org/server/-/server-1.0.0.tgz',
  bin: { server: 'main.js' },
};
export const SCRIPT = '#!/usr/bin/env node\n';

/** A home with a node, an npm, and one package that npx has installed an hour ago. */
export class World {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'evergate-direct-')));
  readonly home = join(this.root, 'home');
  cwd = join(this.home, 'project', 'deep');
  readonly env: Record<string, string> = { PATH: join(this.root, 'usr', 'bin'), HOME: this.home };
  args: readonly string[] = ['-y', 'server', 'x'];
  command = 'npx';
  lookedUpAt: number | null = null;
  doubt: string | null = null;

  constructor() {
    mkdirSync(this.cwd, { recursive: true });
    this.write('usr/bin/node', '');
    this.write('usr/lib/node_modules/npm/bin/npx-cli.js', '');
    this.write('usr/lib/node_modules/npm/package.json', { version: '11.2.3' });
    symlinkSync('../lib/node_modules/npm/bin/npx-cli.js', join(this.root, 'usr/bin/npx'));
    this.install(join(this.home, '.npm'));
  }

  /** What npx leaves of `server` 1.0.0 in a cache. */
  install(cache: string, raw = 'server'): string {
    const directory = npxDirectory(cache, [{ raw, name: 'server', version: null }]);
    this.addPackage(join(directory, 'node_modules'));
    return directory;
  }

  addPackage(modules: string): void {
    const manifest = { name: 'server', version: '1.0.0', bin: 'main.js' };
    this.write(join(modules, 'server/package.json'), manifest);
    this.write(join(modules, 'server/main.js'), SCRIPT);
    chmodSync(join(modules, 'server/main.js'), 0o755);
    mkdirSync(join(modules, '.bin'), { recursive: true });
    symlinkSync('../server/main.js', join(modules, '.bin/server'));
    this.write(join(modules, '.package-lock.json'), {
      packages: { 'node_modules/server': LISTED },
    });
    const installed = new Date(NOW - 3_600_000);
    for (const path of ['server', '.package-lock.json'])
      utimesSync(join(modules, path), installed, installed);
  }

  /** Path of something of the package that is installed. */
  installed(path: string): string {
    return join(
      npxDirectory(join(this.home, '.npm'), [{ raw: 'server', name: 'server', version: null }]),
      path,
    );
  }

  /** Writes a file; a path that is not full is below the root. */
  write(path: string, content: string | object): void {
    const full = path.startsWith('/') ? path : join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    const isThere = existsSync(full);
    writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
    if (isThere || content !== '') return;
    chmodSync(full, 0o755);
  }

  start(maxAgeMs = DAY_MS) {
    const { command, args, cwd } = this;
    const config = { kind: 'stdio', command, args, env: {}, cwd } as const;
    return directStart(
      config,
      this.env,
      { lookedUpAt: this.lookedUpAt, doubt: this.doubt },
      { maxAgeMs, now: () => NOW },
    );
  }
}
