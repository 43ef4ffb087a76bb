import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directStart, type RunLine } from '../../../src/backends/stdio/direct/direct-start.ts';
import { startRegistry, type TestPackage, type TestRegistry } from '../../support/npm-registry.ts';

const run = promisify(execFile);
const DAY_MS = 86_400_000;
const TIMEOUT_MS = 120_000;

/** Says how it was run, as far as a server can see. */
const TELLS = `#!/usr/bin/env node
import { realpathSync } from 'node:fs';
const [node, script, ...args] = process.argv;
const path = process.env.PATH.split(':');
console.log(JSON.stringify({ node, script, args, real: realpathSync(script), cwd: process.cwd(), first: path[0] }));
`;

const version = (of: string, more: Partial<TestPackage> = {}): TestPackage => ({
  name: 'told-server',
  version: of,
  bin: { 'told-server': 'main.js' },
  files: { 'main.js': `${TELLS}console.error(${JSON.stringify(of)});\n` },
  ...more,
});

const scoped: TestPackage = {
  name: '@told/many',
  version: '2.0.0',
  bin: { one: 'one.js', many: 'many.js' },
  files: { 'one.js': TELLS, 'many.js': TELLS },
};

/** With a home of its own, over a registry of its own: what this machine's npx does, and what would be run in its place. */
describe('what npx would run', { timeout: TIMEOUT_MS }, () => {
  let registry: TestRegistry;
  let home: string;
  let project: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    registry = await startRegistry(version('1.0.0'), scoped);
    home = realpathSync(mkdtempSync(join(tmpdir(), 'evergate-npx-')));
    project = join(home, 'project');
    mkdirSync(project);
    writeFileSync(
      join(home, '.npmrc'),
      `registry=${registry.url}/\nfund=false\naudit=false\nupdate-notifier=false\n`,
    );
    env = { PATH: process.env.PATH ?? '', HOME: home };
  });
  afterEach(async () => {
    await registry.close();
    rmSync(home, { recursive: true, force: true });
  });

  const npx = async (...args: string[]) => {
    const { stdout } = await run('npx', args, { env, cwd: project });
    return JSON.parse(stdout) as object;
  };
  const found = (args: readonly string[], lookedUpAt: number | null = null, now = Date.now()) =>
    directStart(
      { kind: 'stdio', command: 'npx', args, env: {}, cwd: project },
      env,
      { lookedUpAt, doubt: null },
      {
        maxAgeMs: DAY_MS,
        now: () => now,
      },
    );
  const directly = async (...args: string[]) => {
    const { line, env: changed, ran } = (await found(args)) as RunLine;
    expect(ran).toMatchObject({ by: 'node' });
    const [node = '', ...words] = line;
    const { stdout } = await run(node, words, { env: changed, cwd: project });
    return JSON.parse(stdout) as object;
  };
  const because = async (...args: Parameters<typeof found>) => (await found(...args))?.ran;

  it.each([
    ['by its name', ['-y', 'told-server', '--port', '-y', 'a b', '$HOME', '--']],
    ['by its version', ['--yes', 'told-server@1.0.0', 'x']],
    ['by a tag', ['-y', '--', 'told-server@latest', '-c']],
    ['as one of several commands', ['-y', '@told/many', 'x']],
    ['by package and command', ['-y', '-p', '@told/many', 'one', 'x']],
    [
      'with another package',
      ['--package=told-server@1.0.0', '--package', '@told/many@2.0.0', '--', 'told-server', '-p'],
    ],
  ])(
    'given a package that npx has installed, asked for %s, then exactly that, with the same arguments and surroundings',
    async (_, args) => {
      expect(await because(args)).toEqual({ by: 'npx', because: 'npx has not installed it yet' });
      const theirs = await npx(...args);
      const requests = registry.asked.length;
      expect(await directly(...args)).toEqual(theirs);
      expect(registry.asked.length).toBe(requests);
    },
  );

  it('given a project that has the package, then that of the project, as npx does', async () => {
    writeFileSync(join(project, 'package.json'), '{"name":"mine","version":"1.0.0"}');
    registry.publish(version('1.1.0'));
    await run('npm', ['install', 'told-server@1.0.0'], { env, cwd: project });
    for (const args of [['-y', 'told-server', 'x'], ['told-server@1.0.0']]) {
      const theirs = await npx(...args);
      expect(theirs).toMatchObject({ real: join(project, 'node_modules', 'told-server', 'main.js') });
      expect(await directly(...args)).toEqual(theirs);
    }
    expect(await npx('-y', 'told-server@1.1.0')).toMatchObject({ real: expect.stringContaining('/_npx/') });
    expect(await directly('-y', 'told-server@1.1.0')).toEqual(await npx('-y', 'told-server@1.1.0'));
  });

  it('given a newer version in the registry, then npx is run once a day to look for it, and what it installed then counts', async () => {
    await npx('-y', 'told-server');
    registry.publish(version('1.1.0'));
    const tomorrow = Date.now() + DAY_MS + 60_000;
    expect(await because(['-y', 'told-server'])).toMatchObject({ by: 'node', package: 'told-server@1.0.0' });
    expect(await because(['-y', 'told-server'], null, tomorrow)).toEqual({
      by: 'npx',
      because: 'it is time to look for a newer version',
    });
    expect(await because(['-y', 'told-server'], tomorrow - 1000, tomorrow)).toMatchObject({ by: 'node' });
    await npx('-y', 'told-server');
    expect(await because(['-y', 'told-server'])).toMatchObject({ by: 'node', package: 'told-server@1.1.0' });
    expect(await because(['-y', 'told-server@1.0.0'], null, tomorrow)).toMatchObject({ by: 'npx' });
    await npx('-y', 'told-server@1.0.0');
    expect(await because(['-y', 'told-server@1.0.0'], null, tomorrow)).toMatchObject({ by: 'node' });
  });

  it('given the package is installed globally as well, then npx decides', async () => {
    await npx('-y', 'told-server');
    const prefix = join(home, 'global');
    writeFileSync(join(home, '.npmrc'), `registry=${registry.url}/\nprefix=~/global\n`);
    await run('npm', ['install', '-g', 'told-server'], { env, cwd: project });
    expect(await npx('-y', 'told-server')).toMatchObject({ real: expect.stringContaining(prefix) });
    expect(await because(['-y', 'told-server'])).toEqual({
      by: 'npx',
      because: 'told-server is installed globally',
    });
  });

  it('given npm is told of another registry after that, then npx decides', async () => {
    await npx('-y', 'told-server');
    writeFileSync(join(project, '.npmrc'), 'registry=http://127.0.0.1:9/\n');
    expect(await because(['-y', 'told-server'])).toEqual({
      by: 'npx',
      because: 'npm is told other things than when it was installed',
    });
  });
});
