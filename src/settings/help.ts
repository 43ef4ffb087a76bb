/** The settings as help text of the command line and as a page of documentation, both made from the table. */
import type { Setting } from './kinds.ts';
import { flagName, variableName } from './names.ts';
import { GROUPS } from './table.ts';

const WIDTH = 100;
const INDENT = ' '.repeat(6);

/** All flags with defaults, for `--help`. */
export function settingsHelp(): string {
  const groups = GROUPS.map(({ title, settings }) => {
    const rows = Object.entries(settings).filter(([, { sources }]) => sources.flag);
    return [`${title}:`, ...rows.map(([name, setting]) => flagHelp(name, setting))].join('\n');
  });
  return groups.join('\n\n');
}

function flagHelp(name: string, { kind, description, shownDefault }: Setting<unknown>): string {
  const head = kind.placeholder === null ? flagName(name) : `${flagName(name)} <${kind.placeholder}>`;
  return `  ${head}\n${wrapped(`${description} Default: ${shownDefault}.`)}`;
}

function wrapped(text: string): string {
  const lines = [INDENT];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? INDENT;
    if (line.length + 1 + word.length > WIDTH) lines.push(`${INDENT}${word}`);
    else lines[lines.length - 1] = line === INDENT ? `${INDENT}${word}` : `${line} ${word}`;
  }
  return lines.join('\n');
}

const INTRODUCTION = `# Settings

Generated from \`src/settings/table.ts\` by \`npm run docs\`; do not edit.

Every setting can be given as a flag, as an environment variable, or as a key of the JSON or YAML file named by
\`--config\`. A flag goes before the environment, the environment before the file, the file before the default. A wrong
value or an unknown name stops the gateway at start with a message that names it. An empty variable counts as not set.
Lists are separated by commas in flags and variables; a repeated flag adds to its list. A boolean is switched on by
\`--name\` and off by \`--no-name\`. Times are in milliseconds, sizes in bytes.
`;

const DECLARING = `
## Declaring services

The key \`mcpServers\` of the settings file holds services by id, in the format MCP clients use. A declared service is
\`Persistent\` unless its server says \`mcpType: OneShot\`; the key is \`mcpType\` because \`type\` is the transport of a
remote server. A server with \`disabled: true\` is not declared.

\`\`\`yaml
port: 8085
mcpServers:
  files:
    command: npx
    args: [-y, "@modelcontextprotocol/server-filesystem", /srv/files]
  search:
    type: streamable-http
    url: https://mcp.example.com/mcp
    mcpType: OneShot
\`\`\`
`;

const TOKENS = `
## Tokens

In the settings file \`authTokens\` may hold objects besides texts: a token or its SHA-256, and the services it is for. A token
without \`services\` is for all; one with them is refused (403, code 0012) everywhere else, and where all services are shown.

\`\`\`yaml
authTokens:
  - name: ci
    scopes: [call, view]
    sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
    services: [files, search]
  - "ops:call+manage+view:a-long-random-text"
\`\`\`

Access tokens of an OAuth 2.1 authorization server are accepted besides, once \`oauthIssuer\` names it: JWTs whose signature,
issuer, audience and times are right. MCP clients find the server by themselves and log in. A token is good for the whole
gateway if its audience is \`publicUrl\` or one of \`oauthAudiences\`, and for one service if it is the URL of that. Where clients know
the gateway by another port than it listens on, or by https, \`publicUrl\` is needed.

A session belongs to the name of the token that opened it: it outlives a change of the token, and no other token can use it. With
OAuth it belongs to the subject of the token.
`;

/** The page `docs/settings.md`. */
export function settingsDocument(): string {
  const groups = GROUPS.map(({ title, settings }) => {
    const rows = Object.entries(settings).map(([name, setting]) => row(name, setting));
    const head = '| key | flag | variable | value | default | meaning |\n|---|---|---|---|---|---|';
    return `\n## ${title}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return INTRODUCTION + groups.join('') + DECLARING + TOKENS;
}

function row(name: string, { kind, description, shownDefault, sources }: Setting<unknown>): string {
  const cells = [
    sources.file ? `\`${name}\`` : '–',
    sources.flag ? `\`${flagName(name)}\`` : '–',
    sources.env ? `\`${variableName(name)}\`` : '–',
    kind.expects,
    shownDefault,
    description,
  ];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
