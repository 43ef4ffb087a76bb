/** What of a config must not be shown, and how it is hidden. */
import { describe, expect, it } from 'vitest';
import { parseServiceConfig } from '../../../src/backends/config/parse-config.ts';
import { hideSecrets, secretsOf, withoutSecrets } from '../../../src/backends/secrets/hide.ts';

const shown = (server: object, text: string, more: string[] = []) =>
  hideSecrets(text, secretsOf(parseServiceConfig(server), more));

describe('hidden are', () => {
  it.each<[string, object, string]>([
    ['values of variables', { command: 'x', env: { A: 'hunter-2' } }, 'hunter-2'],
    ['each line of one', { command: 'x', env: { PEM: 'BEGIN KEY\nabcdefgh\nEND KEY' } }, 'abcdefgh'],
    ['arguments with a telling name', { command: 'x', args: ['--api-key=hunter-2'] }, 'hunter-2'],
    ['the argument after a telling flag', { command: 'x', args: ['--token', 'hunter-2'] }, 'hunter-2'],
    ['that, whatever it looks like', { command: 'x', args: ['--token', 'hunter=2'] }, 'hunter=2'],
    ['assignments among arguments', { command: 'x', args: ['DB_PASSWORD=hunter-2'] }, 'hunter-2'],
    ['the password of an address', { command: 'x', args: ['postgres://me:hunter-2@db/x'] }, 'hunter-2'],
    ['that, unescaped', { command: 'x', args: ['--db=postgres://me:hunter%202@db/x'] }, 'hunter 2'],
    ['that, within a variable', { command: 'x', env: { DB: 'postgres://me:hunter-2@db/x' } }, 'hunter-2'],
    ['values of headers', { url: 'https://x.example', headers: { 'X-Key': 'hunter-2' } }, 'hunter-2'],
    ['a token', { url: 'https://x.example', authToken: 'hunter-2' }, 'hunter-2'],
    ['user and password of the URL', { url: 'https://me:hunter-2@x.example' }, 'me:hunter-2'],
    ['that password alone', { url: 'https://me:hunter-2@x.example' }, 'hunter-2'],
    ['the query of the URL', { url: 'https://x.example/?a=hunter-2&b' }, 'a=hunter-2&b'],
    ['a value in it', { url: 'https://x.example/?a=hunter%2D2' }, 'hunter-2'],
    ['a key in its path', { url: 'https://x.example/s/0f9a8b7c6d5e4f3a2b/mcp' }, '0f9a8b7c6d5e4f3a2b'],
  ])('%s', (_what, server, secret) => {
    expect(shown(server, `before ${secret} after`)).toBe('before [hidden] after');
  });

  it('what references stand for', () => {
    expect(shown({ command: 'x', args: ['hunter-2'] }, 'bad hunter-2', ['hunter-2'])).toBe('bad [hidden]');
  });

  it('secrets in other spellings: as in JSON, as in a URL', () => {
    const secret = 'a"b\\c d/é';
    const server = { command: 'x', env: { A: secret } };
    expect(shown(server, JSON.stringify({ key: secret }))).toBe('{"key":"[hidden]"}');
    expect(shown(server, encodeURIComponent(secret))).toBe('[hidden]');
  });

  it('the longer of two first, so that nothing of it is left', () => {
    const server = { command: 'x', env: { A: 'hunter', B: 'hunter-2-hunter' } };
    expect(shown(server, 'hunter-2-hunter hunter')).toBe('[hidden] [hidden]');
  });
});

describe('shown are', () => {
  it.each<[string, object, string]>([
    ['short words', { command: 'x', env: { DEBUG: 'true' } }, 'true'],
    [
      'paths among arguments',
      { command: 'x', args: ['--dir=/srv/files', '/srv/other'] },
      '/srv/files /srv/other',
    ],
    ['flags behind a telling flag', { command: 'x', args: ['--no-auth', '--verbose'] }, '--verbose'],
    ['names in the path of a URL', { url: 'https://x.example/servers/filesystem' }, 'servers/filesystem'],
  ])('%s', (_what, server, text) => expect(shown(server, text)).toBe(text));
});

describe('in a JSON value', () => {
  const config = (env: Record<string, string>) => secretsOf(parseServiceConfig({ command: 'x', env }));

  it('texts lose the secrets; names of members, numbers and the rest stay', () => {
    const secrets = config({ A: '300000', FEATURES: 'prompts', KEY: 'hunter-2' });
    const value = {
      prompts: { default: 300000, is: true, no: null },
      list: ['a hunter-2', { x: 'prompts' }],
    };
    expect(withoutSecrets(value, secrets)).toEqual({
      prompts: { default: 300000, is: true, no: null },
      list: ['a [hidden]', { x: '[hidden]' }],
    });
  });

  it('secrets that JSON spells otherwise are found, too', () => {
    const secret = 'a"b\\c\nd';
    expect(withoutSecrets({ text: `x ${secret} y` }, config({ KEY: secret }))).toEqual({
      text: 'x [hidden] y',
    });
  });

  it('a member called __proto__ stays a member', () => {
    const value = JSON.parse('{"__proto__":{"a":"hunter-2"}}');
    expect(JSON.stringify(withoutSecrets(value, config({ KEY: 'hunter-2' })))).toBe(
      '{"__proto__":{"a":"[hidden]"}}',
    );
  });

  it('what is nested too deeply for any reader is left out (invariant 8)', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    const shown = JSON.stringify(withoutSecrets(deep, []));
    expect(shown).toBe(`${'{"a":'.repeat(100)}null${'}'.repeat(100)}`);
  });
});
