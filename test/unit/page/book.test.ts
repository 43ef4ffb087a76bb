import { describe, expect, test } from 'vitest';
import type { EventRecord, Service } from '../../../src/page/api/shapes.ts';
import { Book, type Change } from '../../../src/page/model/book.ts';
import { arrange, EVERYTHING } from '../../../src/page/model/order.ts';

const time = (second: number) => new Date(1_800_000_000_000 + second * 1000).toISOString();

const service = (id: string, state: string, since: number, more: Partial<Service> = {}): Service => ({
  ...{ id, type: 'Persistent', state, since: time(since), why: '', next: null, restarts: 0, failures: 0 },
  ...{ sessions: 0, inFlight: 0, held: 0, pid: null, server: null, backend: null, nextType: null },
  ...more,
});

const record = (id: string, to: string, at: number): EventRecord => ({
  ...{ seq: at, id, n: at, at: time(at), event: { type: 'something' }, to, cause: '' },
});

function bookWithClock() {
  const waiting: (() => void)[] = [];
  const changes: Change[] = [];
  const book = new Book(
    state => state === 'Gone',
    flush => waiting.push(flush),
  );
  book.changed.subscribe(change => changes.push(change));
  const draw = () => {
    for (const flush of waiting.splice(0)) flush();
  };
  return { book, changes, draw, waiting };
}

describe('the book of services', () => {
  test('given a list that is older than the stream, when it arrives late, then the later state stays', () => {
    const { book } = bookWithClock();
    book.put(service('a', 'Here.Now', 10));
    book.apply(record('a', 'There', 20));
    book.put(service('a', 'Here.Now', 10, { restarts: 3 }));
    expect(book.rows.get('a')).toMatchObject({ state: 'There', restarts: 3 });
    expect(Object.fromEntries(book.counts)).toMatchObject({ Here: 0, There: 1 });
  });

  test('given a record that is older than the list, when it arrives late, then the state of the list stays', () => {
    const { book } = bookWithClock();
    book.put(service('a', 'There', 20));
    book.apply(record('a', 'Here.Now', 10));
    expect(book.rows.get('a')?.state).toBe('There');
  });

  test('given a record of a service nobody knows, then the book says so', () => {
    const { book } = bookWithClock();
    expect(book.apply(record('new', 'Here', 1))).toBe(false);
    expect(book.rows.size).toBe(0);
  });

  test('given a service that reaches its final state, then it is gone and counted nowhere', () => {
    const { book, changes, draw } = bookWithClock();
    book.put(service('a', 'Here', 1));
    draw();
    expect(book.apply(record('a', 'Gone', 2))).toBe(true);
    draw();
    expect(book.rows.size).toBe(0);
    expect(book.counts.get('Here')).toBe(0);
    expect(changes.at(-1)).toEqual({ ids: new Set(['a']), membership: true });
  });

  test('given many changes before the next picture, then they are told once', () => {
    const { book, changes, draw, waiting } = bookWithClock();
    for (let n = 0; n < 100; n++) book.put(service(`s${n}`, 'Here', n));
    for (let n = 0; n < 100; n++) book.apply(record(`s${n}`, 'There', 1000 + n));
    expect(waiting).toHaveLength(1);
    draw();
    expect(changes).toHaveLength(1);
    expect(changes[0]?.ids.size).toBe(100);
  });

  test('given vitals, when a service is no longer among them, then it uses nothing any more', () => {
    const { book } = bookWithClock();
    book.put(service('a', 'Here', 1));
    const vitals = { id: 'a', sessions: 2, inFlight: 1, held: 0, pid: 7, rssBytes: 5e6, cpuPercent: 1 };
    book.measure({ at: time(2), services: [vitals] });
    expect(book.rows.get('a')).toMatchObject({ pid: 7, rssBytes: 5e6, inFlight: 1 });
    book.measure({ at: time(4), services: [] });
    expect(book.rows.get('a')).toMatchObject({ pid: null, rssBytes: null, cpuPercent: null, inFlight: 0 });
  });

  test('given a new list after events were lost, then what is not in it is forgotten', () => {
    const { book } = bookWithClock();
    for (const id of ['a', 'b', 'c']) book.put(service(id, 'Here', 1));
    book.keepOnly(new Set(['b']));
    expect([...book.rows.keys()]).toEqual(['b']);
    expect(book.counts.get('Here')).toBe(1);
  });
});

describe('the order of the list', () => {
  const { book } = bookWithClock();
  book.put(service('files', 'Here.Now', 3, { restarts: 2 }));
  book.put(service('Tenant files 2', 'There', 1, { restarts: 9 }));
  book.put(service('search', 'Here', 2, { type: 'OneShot', restarts: 2 }));
  const ids = (wish: Partial<typeof EVERYTHING>) =>
    arrange(book.rows.values(), { ...EVERYTHING, ...wish }).map(({ id }) => id);

  test('given words, then all of them have to be in the id, in any case', () => {
    expect(ids({ text: ' FILES' })).toEqual(['Tenant files 2', 'files']);
    expect(ids({ text: 'files ten' })).toEqual(['Tenant files 2']);
    expect(ids({ text: 'nothing' })).toEqual([]);
  });

  test('given states and a type, then both have to fit', () => {
    expect(ids({ states: new Set(['Here']) })).toEqual(['files', 'search']);
    expect(ids({ states: new Set(['Here']), type: 'OneShot' })).toEqual(['search']);
  });

  test('given equals, then the id decides, whichever way the order goes', () => {
    expect(ids({ sort: 'restarts', descending: true })).toEqual(['Tenant files 2', 'files', 'search']);
    expect(ids({ sort: 'since' })).toEqual(['Tenant files 2', 'search', 'files']);
  });
});
