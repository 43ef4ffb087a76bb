import { expect, test } from 'vitest';
import { SessionKeeper } from '../../../src/http/sessions/keeper.ts';
import { fromStored, type SessionRecord, toStored } from '../../../src/http/sessions/record.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { MemorySessionStore } from '../../../src/store/memory-sessions.ts';
import type { SessionKey, SessionUse, StoredSession } from '../../../src/store/session-store.ts';

class WatchedStore extends MemorySessionStore {
  readonly puts: number[] = [];
  broken = false;
  damaged = false;
  damagedIds: readonly string[] = [];

  override put(sessions: readonly StoredSession[]): void {
    if (this.broken) throw new StorageError('no space left');
    JSON.stringify(sessions); // as the real one does

    this.puts.push(sessions.length);
    super.put(sessions);
  }

  override touch(uses: readonly SessionUse[]): SessionUse[] {
    super.touch(uses.filter(({ id }) => !this.damagedIds.includes(id)));
    return uses.filter(({ id }) => this.damagedIds.includes(id));
  }

  override get(key: SessionKey): StoredSession | undefined {
    if (this.damaged) throw new UnreadableRecordError('damaged');
    return super.get(key);
  }
}

function bench() {
  const store = new WatchedStore();
  const faults: unknown[] = [];
  return { store, faults, keeper: new SessionKeeper({ store, onFault: error => faults.push(error) }) };
}

const record = (id: string): SessionRecord => ({
  id,
  serviceId: 'svc',
  front: 'streamable-http',
  owner: 'token:ci',
  createdAt: 1,
  lastUsedAt: 2,
  introduction: { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo: null },
  logLevel: 'info',
  subscriptions: ['a:1'],
});
const key = { serviceId: 'svc', id: 'a' };

test('sessions that are opened in one turn are stored in one transaction', async () => {
  const { store, keeper } = bench();
  const saved = ['a', 'b', 'c'].map(id => keeper.save(record(id)));
  expect(store.count).toBe(0);
  await Promise.all(saved);
  expect(store.puts).toEqual([3]);
  await keeper.save(record('d'));
  expect(store.puts).toEqual([3, 1]);
  expect(keeper.find(key)).toEqual(record('a'));
});

test('one that has ended is unknown at once, and gone when the promise resolves', async () => {
  const { store, keeper } = bench();
  await keeper.save(record('a'));
  const gone = keeper.forget(record('a'));
  expect([keeper.find(key), store.count]).toEqual([null, 1]);
  await gone;
  expect(store.count).toBe(0);
});

test('one that is opened and ended in one turn is never stored', async () => {
  const { store, keeper } = bench();
  void keeper.save(record('a'));
  await keeper.forget(record('a'));
  expect([store.count, store.puts]).toEqual([0, []]);
});

test('what cannot be written is told, holds nobody up, and is tried again with the next change', async () => {
  const { store, faults, keeper } = bench();
  store.broken = true;
  await keeper.save(record('a'));
  expect(faults).toEqual([new StorageError('no space left')]);
  store.broken = false;
  await keeper.save(record('b'));
  expect(store.puts).toEqual([2]);
});

test('one that cannot be read is told and unknown: its client opens a new one', async () => {
  const { store, faults, keeper } = bench();
  await keeper.save(record('a'));
  store.damaged = true;
  expect(keeper.find(key)).toBeNull();
  expect(faults).toEqual([new UnreadableRecordError('damaged')]);
});

test('one in use whose stored record is damaged is stored afresh, and told; not one that has ended meanwhile', async () => {
  const { store, faults, keeper } = bench();
  store.damagedIds = ['a', 'c'];
  await Promise.all(['a', 'b', 'c'].map(id => keeper.save(record(id))));
  keeper.touch(['a', 'b', 'c'].map(id => ({ ...record(id), lastUsedAt: 9 })));
  const ended = keeper.forget(record('c'));
  await new Promise(setImmediate);
  await ended;
  await new Promise(setImmediate);
  expect(['a', 'b', 'c'].map(id => store.get({ ...key, id })?.usedAt)).toEqual([9, 9, undefined]);
  expect(faults).toEqual([expect.any(UnreadableRecordError)]);
});

test('a record survives its stored form', () => {
  expect(fromStored(JSON.parse(JSON.stringify(toStored(record('a')))))).toEqual(record('a'));
});

test('one of version 1, which knew no owner, is that of nobody who has to say who they are', () => {
  const stored = toStored(record('a'));
  const { createdAt, introduction, logLevel, subscriptions } = record('a');
  const data = { v: 1, createdAt, introduction, logLevel, subscriptions } as unknown as StoredSession['data'];
  expect(fromStored({ ...stored, data })).toEqual({ ...record('a'), owner: 'anybody' });
});

test.each([
  { v: 3 },
  { v: 1, createdAt: 'x' },
  { owner: null },
  { createdAt: 'x' },
  { introduction: null },
  { introduction: { protocolVersion: 1, capabilities: {}, clientInfo: null } },
  { introduction: { protocolVersion: 'x', capabilities: [], clientInfo: null } },
  { introduction: { protocolVersion: 'x', capabilities: {}, clientInfo: 'x' } },
  { logLevel: 5 },
  { subscriptions: 'a:1' },
  { subscriptions: [1] },
])('what no version wrote is as good as nothing: %j', damage => {
  const stored = toStored(record('a'));
  expect(fromStored({ ...stored, data: { ...stored.data, ...damage } })).toBeNull();
});

test('a session that cannot be written does not keep the others from being stored', async () => {
  const { store, keeper, faults } = bench();
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const introduction = { protocolVersion: 'v', capabilities: { deep }, clientInfo: null };
  await Promise.all([
    keeper.save(record('a')),
    keeper.save({ ...record('bad'), introduction }),
    keeper.save(record('c')),
  ]);
  expect(store.of('svc').sort()).toEqual(['a', 'c']);
  expect(faults).toEqual([expect.any(RangeError)]);
  await keeper.save(record('d'));
  expect(store.of('svc').sort()).toEqual(['a', 'c', 'd']);
  expect(faults).toHaveLength(1);
});
