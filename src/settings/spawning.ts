/** The settings that stand between a service config and what it starts. */
import { isAbsolute } from 'node:path';
import { remoteHosts } from '../backends/rules/allowed-hosts.ts';
import { messageOf } from '../message-of.ts';
import { each, listOf, setting, text, texts, wholeNumber } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

const MAX = 2 ** 31 - 1;

const hosts = listOf('a list of host names, addresses and `*.example.com`', checkedHosts);

function checkedHosts(entries: readonly string[]): readonly string[] {
  try {
    remoteHosts(entries);
    return entries;
  } catch (error) {
    throw new WrongValue(`cannot be read: ${messageOf(error)}`);
  }
}

const directories = listOf(
  'a list of full paths',
  each(path => {
    if (isAbsolute(path)) return path;
    throw new WrongValue('must be a full path');
  }),
);

const variables = listOf(
  'a list of names, `*` at the end of one for any characters',
  each(name => {
    if (/^[\w().-]+\*?$/.test(name)) return name;
    throw new WrongValue('must be the name of a variable, or its beginning and "*"');
  }),
);

const limit = (max: number, description: string) =>
  setting(wholeNumber(0, max), 0, description, { shownDefault: '0: none' });

export const SPAWNING = {
  allowedCommands: setting(
    texts,
    [],
    'Commands that configs may start, such as `uvx mcp-server-git` or `npx -y @modelcontextprotocol/*`: a command, and the words its arguments begin with; `*` is any name or part of one, never an option. What comes after those words is not looked at, so name all options that come before what is run: `docker run --rm -i mcp/*`, not `docker run`. Variables that could make it run something else are refused then.',
    { shownDefault: 'any' },
  ),
  allowedDirectories: setting(
    directories,
    [],
    'Directories that the `cwd` of a config may be, or be in, while `allowedCommands` is set. What is in it decides what runs (`.npmrc`, `node_modules`), so list none that those who send configs can write to.',
    { shownDefault: "none: a config's `cwd` is refused then" },
  ),
  allowedRemoteHosts: setting(
    hosts,
    [],
    'Hosts that remote services, and redirects of them, may be at: names, addresses, `*.example.com`.',
    { shownDefault: 'any that is not private' },
  ),
  secretVariables: setting(
    variables,
    ['MCP_SECRET_*'],
    `Variables of the gateway that configs may refer to as \`\${env:NAME}\`.`,
    { shownDefault: 'MCP_SECRET_*' },
  ),
  secretsDir: setting<string | null>(
    text,
    null,
    `Directory of files that configs may refer to as \`\${file:name}\`.`,
    { shownDefault: 'none' },
  ),
  inheritedVariables: setting(
    texts,
    [],
    'Variables of the gateway that every backend gets, besides PATH, HOME, USER, SHELL, TERM, TZ, TMPDIR, LANG and LC_*.',
    { shownDefault: 'none' },
  ),
  spawnWrapper: setting(
    texts,
    [],
    'Words put before every command, such as those of a sandbox: `bwrap,--ro-bind,/,/,--dev,/dev,--`.',
    { shownDefault: 'none' },
  ),
  limitMemoryBytes: limit(
    Number.MAX_SAFE_INTEGER,
    'Most memory of a backend: of its whole tree with cgroupRoot, else private memory of each process.',
  ),
  limitCpuPercent: limit(100_000, 'Most CPU time of a backend, in percent of one core; needs cgroupRoot.'),
  limitCpuSeconds: limit(MAX, 'Most CPU time in all of each process of a backend.'),
  limitOpenFiles: limit(MAX, 'Most open files of each process of a backend.'),
  cgroupRoot: setting<string | null>(
    text,
    null,
    'A cgroup v2 directory that is delegated to the gateway, with the controllers memory and cpu: each backend with such a limit gets a cgroup in it.',
    { shownDefault: 'none' },
  ),
};
