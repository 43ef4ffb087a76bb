import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore, SessionStoreOptions, StoredSession } from '../../../src/store/session-store.ts';

export function stored(id: string, usedAt = 1, more: Partial<StoredSession> = {}): StoredSession {
  return { serviceId: 'svc', id, usedAt, data: { level: 'info', list: ['ü', null, 1.5] }, ...more };
}

const keyOf = ({ serviceId, id }: StoredSession) => ({ serviceId, id });

/** What every session store does, whatever it is made of. */
export function describeSessionStore(
  name: string,
  open: (options: SessionStoreOptions) => SessionStore,
  discard: () => Promise<void>,
): void {
  describe(`${name} as a session store`, () => {
    let store: SessionStore;

    beforeEach(() => {
      store = open({ maxStoredSessions: 5 });
    });
    afterEach(discard);

    it('is empty at first', () => {
      expect([store.count, store.get({ serviceId: 'svc', id: 'a' }), store.of('svc')]).toEqual([
        0,
        undefined,
        [],
      ]);
      expect(store.sweep(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    });

    it('gives a session back as it was put, and replaces it', () => {
      store.put([stored('a'), stored('b', 2)]);
      store.put([stored('a', 3, { data: {} })]);

      expect(store.get({ serviceId: 'svc', id: 'a' })).toEqual(stored('a', 3, { data: {} }));
      expect(store.get({ serviceId: 'svc', id: 'b' })).toEqual(stored('b', 2));
      expect(store.count).toBe(2);
    });

    it('shares no object with its callers', () => {
      const data = { list: [1] };
      store.put([stored('a', 1, { data })]);
      data.list.push(2);
      const once = store.get({ serviceId: 'svc', id: 'a' });
      (once?.data.list as number[] | undefined)?.push(3);

      expect(store.get({ serviceId: 'svc', id: 'a' })?.data).toEqual({ list: [1] });
    });

    it('invariant 8: knows a session under its own service only', () => {
      store.put([stored('a'), stored('a', 1, { serviceId: 'svc2' }), stored('b')]);

      expect(store.get({ serviceId: 'other', id: 'a' })).toBeUndefined();
      expect(store.of('svc')).toEqual(['a', 'b']);
      expect(store.of('sv')).toEqual([]);
      store.remove([{ serviceId: 'svc', id: 'a' }]);
      expect(store.of('svc2')).toEqual(['a']);
    });

    it.each(['', 'x'.repeat(5000), '\ud800', 'a\u0000b'])('takes any id for unknown: %j', id => {
      store.put([stored('a')]);

      expect(store.get({ serviceId: 'svc', id })).toBeUndefined();
      store.remove([{ serviceId: 'svc', id }]);
      store.touch([{ serviceId: 'svc', id, usedAt: 9 }]);
      expect(store.count).toBe(1);
    });

    it('removes what it has and passes over the rest', () => {
      store.put([stored('a'), stored('b')]);
      store.remove([keyOf(stored('a')), keyOf(stored('c'))]);

      expect([store.count, store.of('svc')]).toEqual([1, ['b']]);
    });

    it('notes the use of what is stored, and of nothing else', () => {
      store.put([stored('a'), stored('b')]);
      store.touch([
        { ...keyOf(stored('a')), usedAt: 9 },
        { ...keyOf(stored('c')), usedAt: 9 },
      ]);

      expect(store.get(keyOf(stored('a')))).toEqual(stored('a', 9));
      expect([store.count, store.get(keyOf(stored('c')))]).toEqual([2, undefined]);
    });

    it('sweeps what was not used since, the oldest first, so many at a time', () => {
      store.put([stored('a', 30), stored('b', 10), stored('c', 20), stored('d', 40)]);
      store.touch([{ ...keyOf(stored('b')), usedAt: 35 }]);

      expect(store.sweep(35, 1)).toEqual([keyOf(stored('c'))]);
      expect(store.sweep(35, 10)).toEqual([keyOf(stored('a'))]);
      expect(store.sweep(35, 10)).toEqual([]);
      expect(store.of('svc')).toEqual(['b', 'd']);
    });

    it('invariant 10: keeps maxStoredSessions, and lets go of what was used least recently', () => {
      store.put(['a', 'b', 'c', 'd', 'e'].map((id, n) => stored(id, n)));
      store.touch([{ ...keyOf(stored('a')), usedAt: 50 }]);
      store.put([stored('f', 60), stored('g', 61)]);

      expect([store.count, store.of('svc')]).toEqual([5, ['a', 'd', 'e', 'f', 'g']]);
    });
  });
}
