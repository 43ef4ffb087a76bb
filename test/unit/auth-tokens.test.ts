import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authTokens } from '../../src/settings/auth-tokens.ts';

/** SHA-256 of `hunter2`. */
const HASH = 'f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7';

describe('authTokens', () => {
  test('given plain and hashed tokens, then only hashes are kept', () => {
    expect(authTokens.fromTexts([`ci:call+view:hunter2, ops:manage:sha256:${'AB'.repeat(32)}`])).toEqual([
      { name: 'ci', scopes: ['call', 'view'], sha256: Buffer.from(HASH, 'hex') },
      { name: 'ops', scopes: ['manage'], sha256: Buffer.alloc(32, 0xab) },
    ]);
  });

  test('given a list in a file and a token with colons, then it reads alike', () => {
    expect(authTokens.fromFile(['ci:call+call:a:b'])).toEqual([
      { name: 'ci', scopes: ['call'], sha256: createHash('sha256').update('a:b').digest() },
    ]);
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
