import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { McpConfigError, readMcpConfig } from '../../../src/mcp-config/read.ts';
import { inTempDir } from '../store/drafts.ts';

const SECRET = 'sesame-open';

const withFile = (text: string, body: (path: string) => void, name = 'mcp.json') =>
  inTempDir(async directory => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    body(path);
  });

describe('server files of MCP clients', () => {
  it.each([
    [
      'Claude Desktop',
      '{"mcpServers": {"files": {"command": "npx", "args": ["-y", "files"], "env": {"A": "1"}}}}',
    ],
    [
      'VS Code, with comments and trailing commas',
      '{\n // ours\n "inputs": [], "servers": {"files": {"type": "stdio", "command": "npx", "args": ["-y", "files",], "env": {"A": "1"}},}}',
    ],
    [
      "VS Code's settings",
      '{"editor.fontSize": 12, "mcp": {"servers": {"files": {"command": "npx", "args": ["-y", "files"], "env": {"A": "1"}}}}}',
    ],
  ])('given one of %s, then its servers are services, Persistent by default', (_, text) =>
    withFile(text, path => {
      const [service, ...more] = readMcpConfig(path).services;
      expect(more).toEqual([]);
      expect(service).toMatchObject({ id: 'files', type: 'Persistent' });
      expect(service?.config).toMatchObject({ command: 'npx', args: ['-y', 'files'], env: { A: '1' } });
    }),
  );

  it('given one of Cursor, then its remote servers, variables and disabled ones are understood', () =>
    withFile(
      `{"mcpServers": {
        "search": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer \${env:KEY}"}},
        "notes": {"command": "\${userHome}/bin/notes", "args": ["\${workspaceFolder}\${/}notes"]},
        "later": {"command": "x", "disabled": true}
      }}`,
      path => {
        const [search, notes, ...more] = readMcpConfig(path).services;
        expect(more).toEqual([]);
        expect(search?.config).toMatchObject({ headers: { Authorization: `Bearer \${env:KEY}` } });
        expect(notes?.config).toMatchObject({
          command: `${homedir()}/bin/notes`,
          args: [join(dirname(dirname(path)), 'notes')],
        });
      },
      '.cursor/mcp.json',
    ));

  it('given an env file, then its variables stand behind those of env', () =>
    withFile('{"servers": {"a": {"command": "x", "envFile": ".env", "env": {"B": "mine"}}}}', path => {
      writeFileSync(join(dirname(path), '.env'), 'A="from the file"\nB=theirs\n');
      expect(readMcpConfig(path).services[0]?.config).toMatchObject({
        env: { A: 'from the file', B: 'mine' },
      });
    }));

  it.each([
    [
      'no JSON',
      `{"mcpServers": {"a": {"command": "${SECRET}"}`,
      /: the file is not valid JSON at line 1, column \d+;/,
    ],
    ['no servers', `{"servers ": "${SECRET}"}`, /: the file has no mcpServers and no servers; write/],
    ['a list', '[]', /: the file must hold an object/],
    ['a server that is none', `{"servers": {"a": "${SECRET}"}}`, /: servers\.a must be an object/],
    [
      'a field at fault',
      `{"mcp": {"servers": {"a": {"command": "x", "args": "${SECRET}"}}}}`,
      /: mcp\.servers\.a\.args must be/,
    ],
    [
      'a name that is no id',
      '{"mcpServers": {"a/b": {"command": "x"}}}',
      /mcpServers\.a\/b is not a service id/,
    ],
    [
      'an input to ask for',
      `{"servers": {"a": {"command": "x", "args": ["\${input:key}"]}}}`,
      /: servers\.a\.args\[0\] asks for an input/,
    ],
    [
      'an env file that is missing',
      '{"servers": {"a": {"command": "x", "envFile": "no"}}}',
      /: servers\.a\.envFile cannot be read \(ENOENT\)/,
    ],
  ])('given %s, then it says where, and shows nothing of it', (_, text, message) =>
    withFile(text, path => {
      const read = () => readMcpConfig(path);
      expect(read).toThrow(McpConfigError);
      expect(read).toThrow(message);
      expect(read).not.toThrow(SECRET);
    }),
  );

  it('given no file, then it says so', () => {
    expect(() => readMcpConfig('/nowhere/mcp.json')).toThrow(
      '/nowhere/mcp.json: the file cannot be read (ENOENT)',
    );
  });
});
