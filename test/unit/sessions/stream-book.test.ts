import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { defaultReplaySettings, type ReplaySettings } from '../../../src/http/sessions/replay-settings.ts';
import { StreamBook } from '../../../src/http/sessions/stream-book.ts';
import type { StreamEntry } from '../../../src/http/sessions/stream-shelf.ts';
import { MemoryStreamStore } from '../../../src/store/memory-streams.ts';
import type { StreamChange } from '../../../src/store/stream-store.ts';

class CountingStore extends MemoryStreamStore {
  readonly writes: number[] = [];
  broken = false;

  override write(changes: readonly StreamChange[]): void {
    if (this.broken) throw new Error('no space left');
    this.writes.push(changes.length);
    super.write(changes);
  }
}

function bench(settings: Partial<ReplaySettings> = {}, store = new CountingStore()) {
  const clock = new SimulatedClock();
  const faults: unknown[] = [];
  const book = new StreamBook({
    store,
    settings: { ...defaultReplaySettings, ...settings },
    clock,
    onFault: error => faults.push(error),
  });
  return { clock, store, book, faults };
}

const key = (sessionId: string, streamId = 'stream') => ({ sessionId, streamId });
const numbers = (book: StreamBook, of: ReturnType<typeof key>, after = 0) =>
  book.read(of, after)?.events.map(({ n }) => n);

function fill(book: StreamBook, of: ReturnType<typeof key>, events: number, bytes = 100): StreamEntry {
  const entry = book.begin(of);
  for (let n = 1; n <= events; n++) book.keep(entry, n, 'x'.repeat(bytes));
  return entry;
}

describe('what is kept of streams', () => {
  test('is written in batches: one for whatever comes within 100 ms', () => {
    const { book, store, clock } = bench();
    fill(book, key('a'), 20);
    fill(book, key('b'), 20);
    expect(store.writes).toEqual([]);
    clock.increment(100);
    expect(store.writes).toEqual([42]);
    clock.increment(60_000);
    expect(store.writes.length).toBe(1);
  });

  test('is read whether it is written yet or not', () => {
    const { book, clock } = bench();
    fill(book, key('a'), 3);
    expect(numbers(book, key('a'), 1)).toEqual([2, 3]);
    clock.increment(100);
    expect(numbers(book, key('a'), 1)).toEqual([2, 3]);
    expect(book.read(key('b'), 0)).toBeUndefined();
  });

  test('invariant 10: of one stream the newest events within both bounds', () => {
    const { book } = bench({ maxReplayEvents: 3 });
    fill(book, key('a'), 10);
    expect(numbers(book, key('a'))).toEqual([8, 9, 10]);
    const small = bench({ maxReplayBytes: 250 }).book;
    fill(small, key('a'), 10);
    expect(numbers(small, key('a'))).toEqual([9, 10]);
  });

  test('invariant 10: an event larger than the bound is not kept, and pushes nothing out', () => {
    const { book } = bench({ maxReplayBytes: 1_000 });
    const entry = fill(book, key('a'), 2);
    expect(book.keep(entry, 3, 'é'.repeat(501))).toBe(false);
    expect(numbers(book, key('a'))).toEqual([1, 2]);
  });

  test('invariant 10: in a session the oldest streams go first', () => {
    const { book } = bench({ maxSessionReplayBytes: 4_000 });
    for (const streamId of ['one', 'two', 'three']) {
      fill(book, key('a', streamId), 10);
      book.end(key('a', streamId), 10);
    }
    expect(book.read(key('a', 'one'), 0)).toBeUndefined();
    expect(numbers(book, key('a', 'three'))?.length).toBe(10);
    expect(book.bytes).toBeLessThanOrEqual(4_000);
  });

  test('invariant 10: of a stream that goes on, what is old goes; the stream stays', () => {
    const { book } = bench({ maxSessionReplayBytes: 2_000 });
    const entry = fill(book, key('a', 'standalone'), 5);
    fill(book, key('a', 'call'), 20);
    expect(numbers(book, key('a', 'standalone'))).toEqual([]);
    expect(book.keep(entry, 6, 'more')).toBe(true);
  });

  test('invariant 10: of all sessions together the oldest go first, however many streams there are', () => {
    const { book, store } = bench({ maxTotalReplayBytes: 20_000 });
    for (let n = 0; n < 200; n++) {
      fill(book, key(`session ${n}`), 5);
      book.end(key(`session ${n}`), 5);
      expect(book.bytes).toBeLessThanOrEqual(20_000);
    }
    book.flush();
    expect(store.streams().length).toBeLessThan(25);
    expect(numbers(book, key('session 199'))?.length).toBe(5);
  });

  test('invariant 10: a reader that stalls costs no more than the bound, in memory and on disk', () => {
    const { book, store } = bench();
    const entry = book.begin(key('a'));
    for (let n = 1; n <= 2_000; n++) book.keep(entry, n, 'x'.repeat(32 * 1024));
    expect(book.bytes).toBeLessThanOrEqual(defaultReplaySettings.maxReplayBytes + 512);
    expect(store.writes.length).toBeGreaterThan(50);
    expect(store.events(key('a'), 0).length).toBeLessThanOrEqual(64);
    expect(Math.max(...store.writes)).toBeLessThan(70);
  });

  test('goes replayWindowMs after the end of the stream, or with its session', () => {
    const { book, clock, store } = bench({ replayWindowMs: 1_000 });
    fill(book, key('a', 'ended'), 1);
    fill(book, key('a', 'goes on'), 1);
    const entry = fill(book, key('b'), 1);
    book.end(key('a', 'ended'), 1);
    clock.increment(900);
    expect(book.read(key('a', 'ended'), 0)).toMatchObject({ lastN: 1 });
    clock.increment(400);
    expect(book.read(key('a', 'ended'), 0)).toBeUndefined();
    expect(book.read(key('a', 'goes on'), 0)).toMatchObject({ lastN: null });
    book.forgetSession('a');
    clock.increment(100);
    expect(store.streams().map(({ sessionId }) => sessionId)).toEqual(['b']);
    book.forgetSession('b');
    expect(book.keep(entry, 2, 'too late')).toBe(false);
    book.flush();
    expect([book.bytes, store.streams(), store.events(key('b'), 0)]).toEqual([0, [], []]);
  });

  test('of an earlier life is read as it was, and goes replayWindowMs later', () => {
    const { book: earlier, store } = bench();
    fill(earlier, key('a', 'cut off'), 2);
    fill(earlier, key('a', 'ended'), 3);
    earlier.end(key('a', 'ended'), 3);
    earlier.close();
    const { book, clock } = bench({ replayWindowMs: 1_000 }, store);
    expect(book.read(key('a', 'ended'), 1)).toMatchObject({ lastN: 3, events: [{ n: 2 }, { n: 3 }] });
    expect(book.read(key('a', 'cut off'), 1)).toMatchObject({ lastN: null, events: [{ n: 2 }] });
    expect(book.bytes, 'noted in whole KiB').toBe(2 * (1024 + 512));
    clock.increment(1_250);
    expect([book.bytes, store.streams()]).toEqual([0, []]);
  });

  test('what cannot be written is told, and is not there; later events are kept again', () => {
    const { book, store, faults } = bench();
    const entry = fill(book, key('a'), 1);
    store.broken = true;
    book.flush();
    expect(faults).toEqual([new Error('no space left')]);
    store.broken = false;
    book.keep(entry, 2, 'x');
    expect(numbers(book, key('a'))).toEqual([2]);
    expect(store.streams(), 'noted anew').toMatchObject([key('a')]);
  });

  test('the stream itself is noted anew only for each KiB of its events, and when it ends', () => {
    const { book, store } = bench();
    const entry = fill(book, key('a'), 1);
    book.flush();
    for (let n = 2; n <= 10; n++) {
      book.keep(entry, n, 'x'.repeat(100));
      book.flush();
    }
    expect(store.writes).toEqual([2, ...Array(9).fill(1)]);
    book.keep(entry, 11, 'x'.repeat(100));
    book.end(key('a'), 11);
    book.flush();
    expect(store.writes.at(-1)).toBe(2);
    expect(store.streams()).toMatchObject([{ bytes: 2048, lastN: 11 }]);
  });
});
