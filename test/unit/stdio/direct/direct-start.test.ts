import { mkdirSync, rmSync, symlinkSync, unlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, NOW, SCRIPT, World } from '../../../support/npx-world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => rmSync(world.root, { recursive: true, force: true }));

/** Reads what an npmrc says as long ago as the package is installed. */
function npmrc(path: string, text: string): void {
  world.write(path, text);
  utimesSync(join(world.root, path), new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
}

describe('an npx command whose package is installed', () => {
  it('is run by node, with the places npx would put on the PATH', async () => {
    const script = world.installed('node_modules/.bin/server');
    const bins = ['project/deep', 'project', ''].map(path => join(world.home, path, 'node_modules/.bin'));
    expect(await world.start()).toMatchObject({
      line: [join(world.root, 'usr/bin/node'), script, 'x'],
      ran: { by: 'node', package: 'server@1.0.0', script },
    });
    const path = (await world.start())?.env.PATH?.split(':') ?? [];
    expect(path.slice(0, 4)).toEqual([dirname(script), ...bins]);
    expect(path.at(-1)).toBe(join(world.root, 'usr/bin'));
  });

  it('is none when another command is named', async () => {
    for (const command of ['/usr/bin/npx', 'uvx', 'node']) {
      world.command = command;
      expect(await world.start()).toBeNull();
    }
  });

  it.each<[string, () => void]>([
    [
      'a variable names the cache',
      () => moveCache(() => (world.env.npm_config_cache = join(world.root, 'cache'))),
    ],
    [
      'the user’s npmrc does',
      () =>
        moveCache(() =>
          npmrc('home/.npmrc', `; mine\n[]\n`.replace('[]', `cache = ${join(world.root, 'cache')}/`)),
        ),
    ],
    [
      'npm’s own does, below the home',
      () => moveCache(() => npmrc('usr/lib/node_modules/npm/npmrc', 'cache=~/../cache\n')),
    ],
    [
      'npm is told of tokens, registries and other harmless things',
      () =>
        npmrc(
          'home/.npmrc',
          '//host/:_authToken=x\n@a:registry=https://a/\nregistry=https://registry.npmjs.org\n# x\n\nfund=false\n',
        ),
    ],
    [
      'the project has other packages',
      () =>
        world.write(join(world.home, 'project/node_modules/.package-lock.json'), {
          packages: { 'node_modules/other': { version: '1.0.0' } },
        }),
    ],
    [
      'a project further up has no part in it',
      () => world.write(join(world.home, 'project/package.json'), { name: 'mine' }),
    ],
  ])('also when %s', async (_, change) => {
    change();
    expect(await world.start()).toMatchObject({ ran: { by: 'node' } });
  });
});

/** The package is in another cache than the usual one. */
function moveCache(tell: () => void): void {
  rmSync(join(world.home, '.npm'), { recursive: true });
  world.install(join(world.root, 'cache'));
  tell();
}

describe('an npx command is left to npx', () => {
  it.each<[string, () => void, string | RegExp]>([
    [
      'its arguments are not plain',
      () => {
        world.args = ['-c', 'x'];
      },
      'it has the flag -c',
    ],
    [
      'another version is wanted',
      () => {
        world.args = ['server@2.0.0'];
      },
      'npx has not installed it yet',
    ],
    [
      'npx belongs to something else',
      () => {
        unlinkSync(join(world.root, 'usr/bin/npx'));
        world.write('usr/bin/npx', '');
      },
      /is not that of npm$/,
    ],
    ['npx is not there', () => unlinkSync(join(world.root, 'usr/bin/npx')), 'npx or node is not on the PATH'],
    [
      'node is not there',
      () => unlinkSync(join(world.root, 'usr/bin/node')),
      'npx or node is not on the PATH',
    ],
    [
      'npm is too new to be known',
      () => world.write('usr/lib/node_modules/npm/package.json', { version: '12.0.0' }),
      'npm 12.0.0 is not known here',
    ],
    [
      'there is no home',
      () => {
        delete world.env.HOME;
      },
      'HOME is not set',
    ],
    [
      'a variable moves the global packages',
      () => {
        world.env.PREFIX = '/x';
      },
      'the variable PREFIX is set',
    ],
    [
      'a variable tells npm anything else',
      () => {
        world.env.NPM_CONFIG_SCRIPT_SHELL = '/bin/zsh';
      },
      'the variable NPM_CONFIG_SCRIPT_SHELL is set',
    ],
    [
      'a variable names another registry',
      () => {
        world.env.npm_config_registry = 'https://x/';
      },
      'npx has installed it from another registry',
    ],
    [
      'a variable names a cache that is no full path',
      () => {
        world.env.npm_config_cache = 'x';
      },
      'the variable npm_config_cache is set',
    ],
    [
      'the user’s npmrc sets what is not known',
      () => npmrc('home/.npmrc', 'node-options=--inspect\n'),
      /\.npmrc sets node-options$/,
    ],
    [
      'the project’s does',
      () => npmrc('home/project/deep/.npmrc', 'script-shell=zsh\n'),
      /sets script-shell$/,
    ],
    [
      'the project’s moves the global packages',
      () => npmrc('home/project/deep/.npmrc', 'prefix=/x\n'),
      /sets prefix$/,
    ],
    ['the global one does', () => npmrc('usr/etc/npmrc', 'omit=dev\n'), /sets omit$/],
    [
      'that of a prefix which npm is told does',
      () => {
        npmrc('home/.npmrc', `prefix=${world.root}/other\n`);
        npmrc('other/etc/npmrc', 'shell=x\n');
      },
      /sets shell$/,
    ],
    ['an npmrc cannot be understood', () => npmrc('home/.npmrc', 'cache\n'), /a line that is not read here$/],
    [
      'an npmrc has a path with variables',
      () => npmrc('home/.npmrc', 'cache=$HOME/x\n'),
      'npm is told a path that is not read here',
    ],
    [
      'an npmrc was changed since',
      () => world.write('home/.npmrc', 'registry=https://b/\n'),
      'npm is told other things than when it was installed',
    ],
    [
      'there are workspaces',
      () => world.write(join(world.home, 'package.json'), { workspaces: ['x'] }),
      /has workspaces$/,
    ],
    [
      'the project cannot be read',
      () => world.write(join(world.cwd, 'package.json'), '{'),
      /is not a JSON object$/,
    ],
    [
      'the project is the package',
      () => world.write(join(world.cwd, 'package.json'), { name: 'server' }),
      /is the package itself$/,
    ],
    [
      'the project has a command of that name',
      () => world.write(join(world.cwd, 'package.json'), { name: 'x', bin: { server: 'x' } }),
      /is the package itself$/,
    ],
    [
      'the project was installed by something else',
      () => world.write(join(world.cwd, 'node_modules/x/package.json'), {}),
      /was not installed by npm$/,
    ],
    ['the project has links', () => lock({ 'node_modules/x': { link: true } }), /has links$/],
    [
      'the project has it below another package',
      () => lock({ 'node_modules/x/node_modules/server': { version: '1.0.0' } }),
      /more than once$/,
    ],
    [
      'the project has it by another name',
      () => lock({ 'node_modules/x': { version: '1.0.0', name: 'server' } }),
      /more than once$/,
    ],
    [
      'the project’s list names it, but it is not there',
      () => lock({ 'node_modules/server': { version: '1.0.0' } }),
      /in another place$/,
    ],
    [
      'the project has some version, and a tag is asked for',
      () => {
        world.args = ['server@latest'];
        world.addPackage(join(world.cwd, 'node_modules'));
      },
      /has some version of it$/,
    ],
    [
      'the project has a part of it',
      () => {
        world.args = ['-p', 'server', 'server'];
        world.addPackage(join(world.cwd, 'node_modules'));
      },
      'the project has a part of it',
    ],
    [
      'a command of that name is installed globally',
      () => world.write('usr/bin/server', ''),
      'server is installed globally',
    ],
    [
      'the package is',
      () => world.write('usr/lib/node_modules/server/package.json', {}),
      'server is installed globally',
    ],
    ['npx is at work on it', () => mkdirSync(world.installed('concurrency.lock')), 'npx is installing it'],
    [
      'its list of packages is not there',
      () => unlinkSync(world.installed('node_modules/.package-lock.json')),
      'npx has not installed it yet',
    ],
    [
      'it is not there',
      () => rmSync(world.installed('node_modules/server'), { recursive: true }),
      'npx has not installed it yet',
    ],
    ['it is a link', () => relist({ 'node_modules/server': { link: true } }), /is a link$/],
    [
      'it has another version than was installed',
      () => relist({ 'node_modules/server': { version: '0.9.0' } }),
      /is not what npx has installed$/,
    ],
    [
      'somebody has changed it',
      () => utimesSync(world.installed('node_modules/server'), new Date(NOW), new Date(NOW)),
      /was changed by somebody else$/,
    ],
    [
      'it has no command of its own',
      () => remanifest({ bin: { a: 'main.js', b: 'other.js' } }),
      'server has no command of its own',
    ],
    ['it has no command', () => remanifest({}), 'server has no command of its own'],
    [
      'its commands are a directory',
      () => remanifest({ directories: { bin: 'bin' } }),
      'its commands are a directory',
    ],
    [
      'its command is not linked',
      () => unlinkSync(world.installed('node_modules/.bin/server')),
      /is not a link to a package$/,
    ],
    [
      'its command is no link',
      () => {
        unlinkSync(world.installed('node_modules/.bin/server'));
        world.write(world.installed('node_modules/.bin/server'), SCRIPT);
      },
      /is not a link to a package$/,
    ],
    [
      'its command leads out of the packages',
      () => {
        unlinkSync(world.installed('node_modules/.bin/server'));
        world.write('elsewhere.js', SCRIPT);
        symlinkSync(join(world.root, 'elsewhere.js'), world.installed('node_modules/.bin/server'));
      },
      /is not a link to a package$/,
    ],
    [
      'its command is for another interpreter',
      () => world.write(world.installed('node_modules/server/main.js'), '#!/bin/sh\n'),
      /is not a script for node$/,
    ],
    [
      'its command has options for node',
      () => world.write(world.installed('node_modules/server/main.js'), '#!/usr/bin/env -S node --inspect\n'),
      /is not a script for node$/,
    ],
    [
      'there is another node nearby',
      () => {
        world.write(join(world.cwd, 'package.json'), { name: 'mine' });
        world.write(join(world.home, 'node_modules/.bin/node'), '');
      },
      /has a node of its own$/,
    ],
    [
      'earlier starts speak against it',
      () => {
        world.doubt = 'the last start failed';
      },
      'the last start failed',
    ],
  ])('given %s', async (_, change, because) => {
    change();
    expect(await world.start()).toEqual({
      line: ['npx', ...world.args],
      env: world.env,
      ran: { by: 'npx', because: typeof because === 'string' ? because : expect.stringMatching(because) },
    });
  });

  it('given it was installed long ago, unless npx has looked since', async () => {
    expect(await world.start(3_599_999)).toMatchObject({
      ran: { because: 'it is time to look for a newer version' },
    });
    expect(await world.start(3_600_000)).toMatchObject({ ran: { by: 'node' } });
    world.lookedUpAt = NOW - 10;
    expect(await world.start(10)).toMatchObject({ ran: { by: 'node' } });
    expect(await world.start(9)).toMatchObject({ ran: { by: 'npx' } });
  });

  it('given a version, it may be as old as it likes', async () => {
    world.args = ['server@1.0.0'];
    world.install(join(world.home, '.npm'), 'server@1.0.0');
    expect(await world.start(0)).toMatchObject({ ran: { by: 'node' } });
  });
});

describe('what the project has', () => {
  it.each([[['server', 'x']], [['-y', 'server@1.0.0', 'x']]])(
    'goes before what npx has installed: %j',
    async args => {
      world.args = args;
      world.addPackage(join(world.cwd, 'node_modules'));
      const script = join(world.cwd, 'node_modules/.bin/server');
      expect(await world.start()).toMatchObject({ line: [expect.any(String), script, 'x'], ran: { script } });
    },
  );

  it('further up counts by the name of the command', async () => {
    world.addPackage(join(world.home, 'node_modules'));
    expect(await world.start()).toMatchObject({
      ran: { script: join(world.home, 'node_modules/.bin/server') },
    });
  });

  it('in another version does not', async () => {
    world.args = ['server@2.0.0'];
    world.addPackage(join(world.cwd, 'node_modules'));
    expect(await world.start()).toMatchObject({ ran: { because: 'npx has not installed it yet' } });
  });
});

function lock(packages: object): void {
  world.write(join(world.cwd, 'node_modules/.package-lock.json'), { packages });
}

function relist(packages: object): void {
  const path = world.installed('node_modules/.package-lock.json');
  world.write(path, { packages });
  utimesSync(path, new Date(NOW - 3_600_000), new Date(NOW - 3_600_000));
}

function remanifest(more: object): void {
  world.write(world.installed('node_modules/server/package.json'), {
    name: 'server',
    version: '1.0.0',
    ...more,
  });
}
