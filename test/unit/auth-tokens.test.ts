import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authTokens } from '../../src/settings/auth-tokens.ts';

/** SHA-256 of `hunter2`. */
const HASH = 'f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7';

describe('authTokens', () => {
  test('given plain and hashed tokens, then only hashes are kept', () => {
    expect(authTokens.fromTexts([`ci:call+view:hunter2, ops:manage:sha256:${'AB'.repeat(32)}`])).toEqual([
      { name: 'ci', scopes: ['call', 'view'], services: null, sha256: Buffer.from(HASH, 'hex') },
      { name: 'ops', scopes: ['manage'], services: null, sha256: Buffer.alloc(32, 0xab) },
    ]);
  });

  test('given a list in a file and a token with colons, then it reads alike', () => {
    expect(authTokens.fromFile(['ci:call+call:a:b'])).toEqual([
      {
        name: 'ci',
        scopes: ['call'],
        services: null,
        sha256: createHash('sha256').update('a:b').digest(),
      },
    ]);
  });

  test('given objects in a file, then they may name services, and hold a token or its hash', () => {
    const entries = [
      { name: 'ci', scopes: 'call+view', token: 'hunter2', services: ['files', '__proto__', 'a:b@c+d'] },
      { name: 'ops', scopes: ['manage'], sha256: HASH.replaceAll('f', 'e') },
      'old:call:other',
    ];
    expect(authTokens.fromFile(entries)).toMatchObject([
      { name: 'ci', scopes: ['call', 'view'], services: ['files', '__proto__', 'a:b@c+d'] },
      { name: 'ops', scopes: ['manage'], services: null },
      { name: 'old', scopes: ['call'], services: null },
    ]);
  });

  const ci = { name: 'ci', scopes: 'call', token: 'hunter2' };
  test.each([
    [[7], /entry 1 must be a text .* or an object/],
    [[{ ...ci, scope: 'call' }], /entry 1 has an unknown key/],
    [[{ ...ci, name: undefined }], /entry 1 needs a name/],
    [[{ ...ci, scopes: undefined }], /unknown scope/],
    [[{ ...ci, scopes: [] }], /unknown scope/],
    [[{ ...ci, token: undefined }], /either a "token" or its "sha256"/],
    [[{ ...ci, sha256: HASH }], /either a "token" or its "sha256"/],
    [[{ ...ci, token: ['hunter2'] }], /"token" must be a text/],
    [[{ ...ci, token: undefined, sha256: 'hunter2' }], /64 hex digits/],
    [[{ ...ci, services: [] }], /"services" must be a list of service ids; leave it out/],
    [[{ ...ci, services: 'files' }], /"services" must be a list/],
    [[{ ...ci, services: ['a/b'] }], /"services" must be a list/],
    [[ci, 'ci:view:other'], /two tokens alike/],
  ])('given %j in a file, then it is refused without showing the token', (entries, problem) => {
    expect(() => authTokens.fromFile(entries)).toThrow(problem);
    expect(() => authTokens.fromFile(entries)).not.toThrow(/hunter/);
  });

  test.each([
    ['hunter2', /entry 1 must have the form name:scopes:token/],
    ['ci:hunter2', /entry 1 must have the form/],
    ['ok:call:x,:call:hunter2', /entry 2 needs a name/],
    ['c i:call:hunter2', /entry 1 needs a name/],
    ['ci:admin:hunter2', /unknown scope; use call, manage, view joined by "\+"/],
    ['ci::hunter2', /unknown scope/],
    ['ci:call:', /needs a token/],
    ['ci:call:hunter 2', /needs a token/],
    ['ci:call:sha256:hunter2', /64 hex digits/],
    ['ci:call:hunter2,ci:view:other', /two tokens alike/],
    [`ci:call:hunter2,ops:view:sha256:${HASH}`, /one token under two names/],
  ])('given %s, then it is refused without showing the token', (text, problem) => {
    expect(() => authTokens.fromTexts([text])).toThrow(problem);
    expect(() => authTokens.fromTexts([text])).not.toThrow(/hunter/);
  });
});
