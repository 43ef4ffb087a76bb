import { describe, expect, it } from 'vitest';
import { readNpxArguments } from '../../../../src/backends/stdio/direct/npx-arguments.ts';

const spec = (raw: string, name = raw, version: string | null = null) => ({ raw, name, version });

describe('the arguments of npx', () => {
  it.each([
    [['server'], [spec('server')], null, []],
    [['-y', 'server', '-y', '--', '-p'], [spec('server')], null, ['-y', '--', '-p']],
    [['--yes', '-y', '--', 'server', 'x'], [spec('server')], null, ['x']],
    [['@scope/server@1.2.3', 'x'], [spec('@scope/server@1.2.3', '@scope/server', '1.2.3')], null, ['x']],
    [['server@1.0.0-beta.1'], [spec('server@1.0.0-beta.1', 'server', '1.0.0-beta.1')], null, []],
    [['server@latest'], [spec('server@latest', 'server')], null, []],
    [
      ['-p', 'a', '--package=b@1.0.0', '-p=c', 'cmd', 'x'],
      [spec('a'), spec('b@1.0.0', 'b', '1.0.0'), spec('c')],
      'cmd',
      ['x'],
    ],
    [['--package', 'a', '--', 'cmd', '--flag'], [spec('a')], 'cmd', ['--flag']],
  ] as const)('%j', (words, packages, command, args) => {
    expect(readNpxArguments(words)).toEqual({ packages, command, args });
  });

  it.each([
    [[], 'it names no command'],
    [['-y', '--'], 'it names no command'],
    [['-c', 'server'], 'it has the flag -c'],
    [['--registry=https://user:secret@host', 'server'], 'it has the flag --registry'],
    [['--yes=false', 'server'], 'it has the flag --yes'],
    [['-y=false', 'server'], 'it has the flag -y'],
    [['--no-install', 'server'], 'it has the flag --no-install'],
    [['-q', 'server'], 'it has the flag -q'],
    [['-w', 'ws', 'server'], 'it has the flag -w'],
    [['-p', 'a', '-c', 'cmd'], 'it has the flag -c'],
    [['-p', 'a'], 'it names no command'],
    [['-p', 'a', '/bin/sh'], 'its command is not a plain name'],
    [['-p', 'a', '--', '-x'], 'its command is not a plain name'],
    [['-p', '', 'cmd'], 'it does not name a package of a registry'],
    [['.'], 'it does not name a package of a registry'],
    [['./server'], 'it does not name a package of a registry'],
    [['../server'], 'it does not name a package of a registry'],
    [['owner/repository'], 'it does not name a package of a registry'],
    [['github:owner/repository'], 'it does not name a package of a registry'],
    [['https://host/server.tgz'], 'it does not name a package of a registry'],
    [['server.tgz'], 'it does not name a package of a registry'],
    [['Server'], 'it does not name a package of a registry'],
    [['--', '-y'], 'it does not name a package of a registry'],
    [['server@^1.0.0'], 'it asks for a range of versions'],
    [['server@1'], 'it asks for a range of versions'],
    [['server@1.x'], 'it asks for a range of versions'],
    [['server@x'], 'it asks for a range of versions'],
    [['server@v1'], 'it asks for a range of versions'],
    [['server@v1.0.0'], 'it asks for a range of versions'],
    [['server@01.0.0'], 'it asks for a range of versions'],
    [['server@*'], 'it asks for a range of versions'],
    [['server@'], 'it asks for a range of versions'],
    [['server@npm:other@1.0.0'], 'it asks for a range of versions'],
    [['server@file:../x'], 'it asks for a range of versions'],
  ])('%j are left to npx: %s', (words, doubt) => {
    expect(() => readNpxArguments(words)).toThrow(doubt);
  });
});
