import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type AuthToken, tokenFinder } from '../../../../src/http/auth/tokens.ts';

const token = (name: string, text: string): AuthToken => ({
  name,
  scopes: ['call'],
  services: null,
  sha256: createHash('sha256').update(text).digest(),
});

test('given two tokens, then each is that of its principal however often it is presented, and nothing else is that of anybody', () => {
  const find = tokenFinder([token('one', 'a-token'), token('two', 'another-token')]);
  for (let time = 0; time < 3; time++) {
    expect(find('a-token')?.id).toBe('token:one');
    expect(find('another-token')?.id).toBe('token:two');
    for (const wrong of ['', 'a-toke', 'a-token ', 'A-TOKEN', '__proto__', 'constructor'])
      expect(find(wrong), wrong).toBeUndefined();
  }
});
