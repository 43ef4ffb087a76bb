import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamStore } from '../../../src/store/stream-store.ts';

/** What every stream store does, whatever it is made of. */
export function describeStreamStore(
  name: string,
  open: () => StreamStore,
  discard: () => Promise<void>,
): void {
  describe(`${name} as a stream store`, () => {
    let store: StreamStore;
    const one = { sessionId: 's1', streamId: 'one' };
    const two = { sessionId: 's1', streamId: 'two' };
    const keep = (key: typeof one, n: number, text = `${key.streamId} ${n}`) =>
      ({ ...key, do: 'keep', n, text }) as const;

    beforeEach(() => {
      store = open();
    });
    afterEach(discard);

    it('gives back the events behind a place, in order, of that stream alone', () => {
      store.write([keep(one, 1), keep(two, 1), keep(one, 2), keep(one, 10), keep(one, 9, 'é🚀\u0000')]);
      store.write([keep({ sessionId: 's10', streamId: 'one' }, 3)]);

      expect(store.events(one, 1)).toEqual([
        { n: 2, text: 'one 2' },
        { n: 9, text: 'é🚀\u0000' },
        { n: 10, text: 'one 10' },
      ]);
      expect(store.events(one, 10)).toEqual([]);
      expect(store.events(two, 0)).toEqual([{ n: 1, text: 'two 1' }]);
      expect(store.events({ sessionId: 's', streamId: 'one' }, 0)).toEqual([]);
    });

    it('keeps an event of a MiB', () => {
      const text = 'x'.repeat(2 ** 20);
      store.write([keep(one, 1, text)]);

      expect(store.events(one, 0)).toEqual([{ n: 1, text }]);
    });

    it('drops single events, and makes changes in the order they are given', () => {
      store.write([keep(one, 1), keep(one, 2), { ...one, do: 'drop', n: 1 }, keep(one, 3)]);
      store.write([
        { ...one, do: 'drop', n: 2 },
        { ...one, do: 'drop', n: 7 },
      ]);

      expect(store.events(one, 0).map(({ n }) => n)).toEqual([3]);
    });

    it('tells which streams there are, as noted last, and forgets them with their events', () => {
      store.write([{ ...two, do: 'note', bytes: 7, lastN: null }, keep(two, 1), keep(one, 1)]);
      store.write([
        { ...one, do: 'note', bytes: 5, lastN: null },
        { ...one, do: 'note', bytes: 6, lastN: 1 },
      ]);
      expect(store.streams()).toEqual([
        { ...one, bytes: 6, lastN: 1 },
        { ...two, bytes: 7, lastN: null },
      ]);

      store.write([{ ...one, do: 'forget' }]);
      expect(store.streams()).toEqual([{ ...two, bytes: 7, lastN: null }]);
      expect([store.events(one, 0).length, store.events(two, 0).length]).toEqual([0, 1]);
    });
  });
}
