import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandList } from '../../../../src/backends/rules/allowed-commands.ts';
import { DAY_MS, LISTED, NOW, SCRIPT, World } from '../../../support/npx-world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => rmSync(world.root, { recursive: true, force: true }));

/** Changes what npm's list in the cache says of the package, as long ago as it is installed. */
function list(changes: object): void {
  const path = world.installed('node_modules/.package-lock.json');
  world.write(path, { packages: { 'node_modules/server': { ...LISTED, ...changes } } });
  utimesSync(path, new Date(NOW - 3_600_000), new Date(NOW - 3_600_000));
}

/** The package's only command gets another name. */
function callIt(command: string): void {
  const modules = world.installed('node_modules');
  world.write(join(modules, 'server/package.json'), {
    name: 'server',
    version: '1.0.0',
    bin: { [command]: 'main.js' },
  });
  symlinkSync('../server/main.js', join(modules, '.bin', command));
  list({ bin: { [command]: 'main.js' } });
}

function npmrc(path: string, text: string): void {
  world.write(path, text);
  utimesSync(join(world.root, path), new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
}

function pipe(path: string): void {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  utimesSync(dirname(path), new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
}

const SPECIAL_FILES: [string, () => string][] = [
  ['the project’s package.json', () => join(world.cwd, 'package.json')],
  ['the user’s .npmrc', () => join(world.home, '.npmrc')],
  ['the list of what is installed', () => world.installed('node_modules/.package-lock.json')],
  ['the script', () => world.installed('node_modules/server/main.js')],
];

describe('npx is left to run a command itself, since', () => {
  it.each<[string, () => void, string | RegExp]>([
    [
      'it would take the package from another registry than the one it was installed from',
      () => list({ resolved: 'https://registry.example.com/server/-/server-1.0.0.tgz' }),
      'npx has installed it from another registry',
    ],
    [
      'where the package came from is not on record',
      () => list({ resolved: undefined }),
      'npx has installed it from another registry',
    ],
    [
      'a registry whose name only begins like it is another one',
      () => list({ resolved: 'https://registry.npmjs.org.example.com/server.tgz' }),
      'npx has installed it from another registry',
    ],
    [
      'so it is when npm is told of it without a slash at its end',
      () => {
        world.env.npm_config_registry = 'https://registry.example.com';
        list({ resolved: 'https://registry.example.com.example.org/server.tgz' });
      },
      'npx has installed it from another registry',
    ],
    [
      'the registry names another command than the package itself',
      () => list({ bin: { other: 'main.js' } }),
      'the registry names another command',
    ],
    ['its command would be a path', () => callIt('../bin-server'), 'server has no command of its own'],
    ['the shell has a command of that name', () => callIt('test'), 'a shell has a test of its own'],
    ['it is a word of the shell', () => callIt('select'), 'a shell has a select of its own'],
    [
      'the package brings a shell along',
      () => world.write(world.installed('node_modules/.bin/sh'), ''),
      /has a sh of its own$/,
    ],
    [
      'the shell would pass over a command that may not be executed',
      () => chmodSync(world.installed('node_modules/server/main.js'), 0o644),
      /is not a script for node$/,
    ],
    [
      'a shell would be given functions',
      () => {
        world.env['BASH_FUNC_server%%'] = '() { echo; }';
      },
      'a variable is a function of a shell',
    ],
    [
      'there are two PATHs',
      () => {
        world.env.Path = '/x';
      },
      'there is not one PATH',
    ],
    [
      'there is no PATH',
      () => {
        delete world.env.PATH;
      },
      'there is not one PATH',
    ],
    [
      'npm of that version may change the user',
      () => world.write('usr/lib/node_modules/npm/package.json', { version: '8.19.4' }),
      'npm 8.19.4 is not known here',
    ],
    [
      'the directory would be two on a PATH',
      () => {
        world.cwd = join(world.home, 'a:b');
        mkdirSync(world.cwd);
      },
      /cannot be on a PATH$/,
    ],
    [
      'the working directory is not there',
      () => {
        world.cwd = join(world.home, 'none');
      },
      'its working directory is not there',
    ],
    [
      'it was installed later than now',
      () => {
        world.lookedUpAt = NOW + 1;
      },
      'it was installed later than now',
    ],
    [
      'npm’s own file and the global one disagree',
      () => {
        npmrc('usr/lib/node_modules/npm/npmrc', 'registry=https://a/\n');
        npmrc('usr/etc/npmrc', 'registry=https://b/\n');
      },
      'npm is told registry twice',
    ],
    [
      'a registry is not written plainly',
      () => npmrc('home/.npmrc', 'registry=https://$' + '{HOST}/\n'),
      'npm is told a registry that is not read here',
    ],
    [
      'somebody put the package into the project by hand',
      () => {
        mkdirSync(join(world.cwd, 'node_modules/server'), { recursive: true });
        world.write(join(world.cwd, 'node_modules/.package-lock.json'), { packages: {} });
      },
      /was changed by somebody else$/,
    ],
    [
      'somebody changed it in the project',
      () => {
        world.addPackage(join(world.cwd, 'node_modules'));
        unlinkSync(join(world.cwd, 'node_modules/.bin/server'));
        utimesSync(join(world.cwd, 'node_modules/server'), new Date(NOW), new Date(NOW));
      },
      /was changed by somebody else$/,
    ],
    [
      'a list is too long to be read while calls wait',
      () => world.write(join(world.cwd, 'package.json'), ' '.repeat(4 * 1_048_576 + 1)),
      /is too long$/,
    ],
  ])('%s', async (_, change, because) => {
    change();
    expect((await world.start())?.ran).toEqual({
      by: 'npx',
      because: typeof because === 'string' ? because : expect.stringMatching(because),
    });
  });

  it.each(SPECIAL_FILES)('%s is a pipe, which nobody may wait for', async (_, path) => {
    pipe(path());
    expect((await world.start())?.ran).toMatchObject({
      because: expect.stringContaining('is no plain file'),
    });
  });
});

describe('what decides is what npx would go by', () => {
  it('given a working directory that is a link, then the project is where it leads to', async () => {
    const elsewhere = join(world.root, 'elsewhere');
    mkdirSync(elsewhere);
    world.addPackage(join(elsewhere, 'node_modules'));
    world.cwd = join(world.home, 'link');
    symlinkSync(elsewhere, world.cwd);
    expect((await world.start())?.ran).toMatchObject({
      by: 'node',
      script: join(elsewhere, 'node_modules/.bin/server'),
    });
  });

  it.each([
    ['a variable', () => (world.env.npm_config_registry = 'https://registry.example.com')],
    ['the user’s npmrc', () => npmrc('home/.npmrc', 'registry=https://registry.example.com\n')],
    [
      'the last of two lines',
      () => npmrc('home/.npmrc', 'registry=https://a\nregistry=https://registry.example.com/\n'),
    ],
    [
      'the project’s npmrc before the user’s',
      () => {
        npmrc('home/.npmrc', 'registry=https://a/\n');
        npmrc('home/project/deep/.npmrc', 'registry=https://registry.example.com/\n');
      },
    ],
  ])('given %s names the registry it was installed from, then it is started directly', async (who, tell) => {
    list({ resolved: 'https://registry.example.com/server/-/server-1.0.0.tgz' });
    tell();
    if (who !== 'a variable') world.write(join(world.cwd, 'package.json'), { name: 'mine' });
    expect((await world.start())?.ran).toMatchObject({ by: 'node' });
  });

  it('given a program on the PATH that may not be executed, then the next one, as the system does', async () => {
    const first = join(world.root, 'first');
    mkdirSync(first);
    for (const name of ['npx', 'node']) writeFileSync(join(first, name), SCRIPT, { mode: 0o644 });
    world.env.PATH = `${first}:${world.env.PATH}`;
    expect((await world.start())?.line[0]).toBe(join(world.root, 'usr/bin/node'));
  });

  it('given a version, then the registry it came from is of no account, as for npx', async () => {
    world.args = ['server@1.0.0'];
    const modules = join(world.install(join(world.home, '.npm'), 'server@1.0.0'), 'node_modules');
    world.write(join(modules, '.package-lock.json'), {
      packages: { 'node_modules/server': { ...LISTED, resolved: 'https://other/' } },
    });
    expect((await world.start())?.ran).toMatchObject({ by: 'node' });
  });
});

describe('what is said of a command that is left to npx', () => {
  const SECRET = 'p4ss/word?of$mine';

  it.each([
    ['a flag', () => (world.args = [`--${SECRET}`, 'server'])],
    ['a flag’s value', () => (world.args = [`--token=${SECRET}`, 'server'])],
    ['a package', () => (world.args = [SECRET])],
    ['a version', () => (world.args = [`server@${SECRET}`])],
    ['a variable', () => (world.env[`npm_config_${SECRET}`] = 'x')],
    ['a value of npm’s', () => (world.env.npm_config_registry = `https://${SECRET}`)],
    ['a key of an npmrc', () => npmrc('home/.npmrc', `${SECRET}=1\n`)],
    ['a value of an npmrc', () => npmrc('home/.npmrc', `cache=${SECRET}\n`)],
  ])('does not show %s that is no plain word', async (_, change) => {
    change();
    const ran = (await world.start())?.ran;
    expect(ran).toMatchObject({ by: 'npx' });
    expect(JSON.stringify(ran)).not.toContain('word?of');
  });

  it('is short, whatever was given', async () => {
    for (const args of [[`--${'x'.repeat(100_000)}`], ['x'.repeat(100_000)], ['server', '-x']]) {
      world.args = args;
      world.cwd = args.includes('server') ? `/${'y'.repeat(100_000)}` : world.cwd;
      expect(JSON.stringify((await world.start())?.ran).length).toBeLessThan(200);
    }
  });
});

describe('the setting allowedCommands', () => {
  it('is asked about what the config says, not about what is run in its place', async () => {
    const written = { command: 'npx', args: world.args };
    const [node = '', ...args] = (await world.start())?.line ?? [];
    expect(commandList(['npx -y server']).allows(written)).toBe(true);
    expect(commandList(['npx -y server']).allows({ command: node, args })).toBe(false);
    expect(commandList([node]).allows(written)).toBe(false);
  });
});
