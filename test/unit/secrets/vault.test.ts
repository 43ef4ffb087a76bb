/** What references in configs may refer to. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Vault } from '../../../src/backends/secrets/vault.ts';

const environment = { MCP_SECRET_A: 'value-a', OTHER: 'value-o', EMPTY: '', HOME: '/root' };

describe('variables', () => {
  const vault = new Vault({
    environment,
    secretVariables: ['MCP_SECRET_*', 'OTHER', 'EMPTY'],
    secretsDir: null,
  });
  const read = (name: string) => vault.read({ kind: 'env', name });

  it('are those that secretVariables lists', () => {
    expect([read('MCP_SECRET_A'), read('OTHER')]).toEqual(['value-a', 'value-o']);
  });

  it.each(['HOME', 'OTHER2', 'mcp_secret_a', '', '__proto__', 'constructor', 'MCP_SECRET'])(
    'are not %j, and the refusal does not say whether there is such a one',
    name => {
      expect(() => read(name)).toThrow('which the setting secretVariables does not list');
      expect(() => vault.check({ kind: 'env', name })).toThrow('secretVariables');
    },
  );

  it.each(['MCP_SECRET_B', 'EMPTY', 'MCP_SECRET_toString'])('that have no value are told: %s', name =>
    expect(() => read(name)).toThrow('which is not set; set it and restart the gateway'),
  );
});

describe('files', () => {
  let outside: string;
  let secretsDir: string;
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'evergate-test-'));
    secretsDir = join(outside, 'secrets');
    mkdirSync(join(secretsDir, '..data'), { recursive: true });
    mkdirSync(`${secretsDir}-other`);
    writeFileSync(join(secretsDir, 'token'), 'value-f\n');
    writeFileSync(join(secretsDir, '..data', 'mounted'), 'value-m\r\n\n');
    writeFileSync(join(outside, 'passwd'), 'not yours');
    writeFileSync(join(`${secretsDir}-other`, 'x'), 'not yours');
    writeFileSync(join(secretsDir, 'large'), Buffer.alloc(65_537, 'x'));
    symlinkSync(join(secretsDir, '..data', 'mounted'), join(secretsDir, 'link'));
    symlinkSync(join(outside, 'passwd'), join(secretsDir, 'out'));
  });
  afterAll(() => rmSync(outside, { recursive: true }));

  const read = (name: string) =>
    new Vault({ environment, secretVariables: [], secretsDir }).read({ kind: 'file', name });

  it('are those of secretsDir, by name or full path, without their last line break', () => {
    expect(read('token')).toBe('value-f');
    expect(read(join(secretsDir, 'token'))).toBe('value-f');
  });

  it('may be links within it, as mounted secrets are', () => expect(read('link')).toBe('value-m\r\n'));

  it.each(['../passwd', '/etc/passwd', '', '.', '..', 'a/../../passwd'])('are not %j', name =>
    expect(() => read(name)).toThrow('which is not in the directory of the setting secretsDir'),
  );

  it('are not those of a directory that begins alike', () =>
    expect(() => read(join(`${secretsDir}-other`, 'x'))).toThrow('not in the directory'));

  it.each([
    ['out', 'a link out of secretsDir'],
    ['large', 'more than 65536 bytes'],
    ['missing', 'cannot be read (ENOENT)'],
    ['..data', 'which is no regular file; put the secret into one'],
    ['token\0', 'cannot be read'],
  ])('that cannot be used are told, without what is in them: %j', (name, reason) => {
    expect(() => read(name)).toThrow(reason);
    expect(() => read(name)).not.toThrow('not yours');
  });

  it('are none without secretsDir', () => {
    const vault = new Vault({ environment, secretVariables: [], secretsDir: null });
    expect(() => vault.read({ kind: 'file', name: 'token' })).toThrow('secretsDir names no directory');
  });
});
