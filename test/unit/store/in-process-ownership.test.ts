import { describe, expect, it } from 'vitest';
import { InProcessOwnership } from '../../../src/store/in-process-ownership.ts';

describe('InProcessOwnership', () => {
  it('gives a service to the first that claims it, as often as that one asks', () => {
    const ownership = new InProcessOwnership();
    expect(ownership.ownerOf('a')).toBeUndefined();
    expect(ownership.claim('a', 'one')).toBe(true);
    expect(ownership.claim('a', 'one')).toBe(true);
    expect(ownership.claim('a', 'two')).toBe(false);
    expect(ownership.ownerOf('a')).toBe('one');
  });

  it('renews and releases only for the owner', () => {
    const ownership = new InProcessOwnership();
    ownership.claim('a', 'one');
    expect(ownership.renew('a', 'one')).toBe(true);
    expect(ownership.renew('a', 'two')).toBe(false);
    expect(ownership.renew('b', 'one')).toBe(false);

    ownership.release('a', 'two');
    expect(ownership.ownerOf('a')).toBe('one');
    ownership.release('a', 'one');
    expect(ownership.renew('a', 'one')).toBe(false);
    expect(ownership.claim('a', 'two')).toBe(true);
  });
});
