/** References in configs: where they may stand, and what becomes of them. */
import { describe, expect, it } from 'vitest';
import { parseServiceConfig } from '../../../src/backends/config/parse-config.ts';
import { checkReferences, resolveConfig } from '../../../src/backends/secrets/resolve-config.ts';
import { Vault } from '../../../src/backends/secrets/vault.ts';

const environment = {
  MCP_SECRET_KEY: 'k-123456',
  MCP_SECRET_ODD: 'a b/c?d&e%',
  MCP_SECRET_LINES: 'one\ntwo',
  MCP_SECRET_EURO: 'ten-€',
  MCP_SECRET_NESTED: `\${env:MCP_SECRET_KEY}`,
};
const vault = new Vault({ environment, secretVariables: ['MCP_SECRET_*'], secretsDir: null });
const ref = (name: string) => `\${env:${name}}`;
const resolved = (server: object) => resolveConfig(parseServiceConfig(server), vault);

describe('a reference is resolved', () => {
  it('in arguments and variables of a command, whole or within a text', () => {
    const { config, secrets } = resolved({
      command: 'x',
      args: [ref('MCP_SECRET_KEY'), `--key=${ref('MCP_SECRET_KEY')}`, '$HOME', `\${HOME}`],
      env: { A: `pre-${ref('MCP_SECRET_ODD')}-post`, PEM: ref('MCP_SECRET_LINES') },
    });
    expect(config).toMatchObject({
      args: ['k-123456', '--key=k-123456', '$HOME', `\${HOME}`],
      env: { A: 'pre-a b/c?d&e%-post', PEM: 'one\ntwo' },
    });
    expect(secrets).toEqual(['k-123456', 'k-123456', 'a b/c?d&e%', 'one\ntwo']);
  });

  it('in headers and authToken, and in path and query of a URL, where it is escaped', () => {
    const { config } = resolved({
      url: `https://x.example/${ref('MCP_SECRET_ODD')}/mcp?key=${ref('MCP_SECRET_ODD')}`,
      headers: { 'X-Key': ref('MCP_SECRET_KEY') },
      authToken: ref('MCP_SECRET_KEY'),
    });
    const odd = 'a%20b%2Fc%3Fd%26e%25';
    expect(config).toMatchObject({
      url: `https://x.example/${odd}/mcp?key=${odd}`,
      headers: { 'X-Key': 'k-123456', Authorization: 'Bearer k-123456' },
    });
  });

  it('once: what it stands for is not looked at again', () => {
    const { config } = resolved({ command: 'x', args: [ref('MCP_SECRET_NESTED')] });
    expect(config).toMatchObject({ args: [ref('MCP_SECRET_KEY')] });
  });

  it('nowhere else, and the config that is stored keeps it', () => {
    const stored = parseServiceConfig({
      command: ref('MCP_SECRET_KEY'),
      cwd: ref('MCP_SECRET_KEY'),
      args: ['a'],
    });
    expect(resolveConfig(stored, vault)).toEqual({ config: stored, secrets: [] });
    const withRef = parseServiceConfig({ command: 'x', args: [ref('MCP_SECRET_KEY')] });
    resolveConfig(withRef, vault);
    expect(JSON.stringify(withRef)).not.toContain('k-123456');
  });
});

describe('a reference that is wrong is told by field, without a value', () => {
  it.each<[object, string]>([
    [{ command: 'x', args: ['a', ref('HOME')] }, 'args[1] refers to the variable "HOME", which the setting'],
    [{ command: 'x', env: { API_KEY: ref('HOME') } }, 'env.API_KEY refers to the variable "HOME"'],
    [{ command: 'x', env: { API_KEY: `\${file:/etc/passwd}` } }, 'env.API_KEY refers to a file, but'],
    [{ url: 'https://x.example', headers: { 'X-Key': ref('HOME') } }, 'headers.X-Key refers to'],
    [{ url: `https://x.example/${ref('HOME')}` }, 'url refers to the variable "HOME"'],
  ])('%j', (server, problem) => {
    const config = parseServiceConfig(server);
    expect(() => checkReferences(config, vault)).toThrow(problem);
    expect(() => resolveConfig(config, vault)).toThrow(problem);
  });

  it('one that is allowed but not set is told at the start only', () => {
    const config = parseServiceConfig({ command: 'x', args: [ref('MCP_SECRET_MISSING')] });
    expect(() => checkReferences(config, vault)).not.toThrow();
    expect(() => resolveConfig(config, vault)).toThrow(
      'args[0] refers to the variable "MCP_SECRET_MISSING", which is not set',
    );
  });

  it.each([
    { url: 'https://x.example', headers: { 'X-Key': ref('MCP_SECRET_LINES') } },
    { command: 'x', args: [ref('MCP_SECRET_LINES')] },
  ])('one of several lines where there is room for one: %j', server => {
    expect(() => resolved(server)).toThrow('refers to a secret of several lines');
  });

  it.each([{ headers: { 'X-Key': ref('MCP_SECRET_EURO') } }, { authToken: ref('MCP_SECRET_EURO') }])(
    'one of characters that no header can have: %j',
    part => {
      const url = `https://x.example/${ref('MCP_SECRET_EURO')}`;
      expect(() => resolved({ url, ...part })).toThrow(
        /^headers\.[-A-Za-z]+ refers to a secret with control or non-Latin-1 characters, which no header can have$/,
      );
      expect(resolved({ url }).config).toMatchObject({ url: 'https://x.example/ten-%E2%82%AC' });
      expect(resolved({ command: 'x', env: { A: ref('MCP_SECRET_EURO') } }).config).toMatchObject({
        env: { A: 'ten-€' },
      });
    },
  );

  it('one among the user and password of a URL, which are stored encoded, is refused when the config arrives', () => {
    expect(() => parseServiceConfig({ url: `https://user:${ref('MCP_SECRET_KEY')}@x.example` })).toThrow(
      'url has a reference among user and password; use the header Authorization',
    );
  });
});
