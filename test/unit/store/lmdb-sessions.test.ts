import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import type { LmdbHandle } from '../../../src/store/lmdb-handle.ts';
import { LmdbLog, openDataDir } from '../../../src/store/lmdb-log.ts';
import { LmdbSessionStore } from '../../../src/store/lmdb-sessions.ts';
import { LmdbStreamStore } from '../../../src/store/lmdb-streams.ts';
import { draft, inTempDir, removal } from './drafts.ts';
import { describeSessionStore, stored } from './session-store.contract.ts';
import { describeStreamStore } from './stream-store.contract.ts';

let dir = '';
let handle: LmdbHandle;

function opened(): LmdbHandle {
  dir = mkdtempSync(join(tmpdir(), 'evergate-store-'));
  handle = withServices(openDataDir({ dataDir: dir }));
  return handle;
}

/** With the services the sessions of these tests belong to. */
function withServices(given: LmdbHandle): LmdbHandle {
  const log = new LmdbLog(given);
  for (const id of ['svc', 'svc2']) log.append(id, NO_TOKEN, [draft('registered')]);
  return given;
}

async function discard(): Promise<void> {
  await handle.close();
  rmSync(dir, { recursive: true, force: true });
}

describeSessionStore('LmdbSessionStore', options => new LmdbSessionStore(opened(), options), discard);
describeStreamStore('LmdbStreamStore', () => new LmdbStreamStore(opened()), discard);

const key = { serviceId: 'svc', id: 'a' };

describe('sessions and streams on disk', () => {
  it('are kept over a reopening, beside the log', () =>
    inTempDir(async dataDir => {
      const first = openDataDir({ dataDir });
      new LmdbLog(first).append('svc', NO_TOKEN, [draft('registered')]);
      new LmdbSessionStore(first).put([stored('a', 5)]);
      new LmdbStreamStore(first).write([{ sessionId: 'a', streamId: 'x', do: 'keep', n: 1, text: 'event' }]);
      await first.close();

      const second = openDataDir({ dataDir });
      const sessions = new LmdbSessionStore(second);
      expect([sessions.count, sessions.get(key)]).toEqual([1, stored('a', 5)]);
      expect(new LmdbStreamStore(second).events({ sessionId: 'a', streamId: 'x' }, 0)).toHaveLength(1);
      expect(new LmdbLog(second).ids()).toEqual(['svc']);
      await second.close();
    }));

  it('given a data file from before there were sessions, then it has none', () =>
    inTempDir(async dataDir => {
      const log = new LmdbLog(openDataDir({ dataDir }));
      log.append('svc', NO_TOKEN, [draft('registered')]);
      await log.close();
      const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
      for (const name of ['sessions', 'sessionUses', 'streams', 'streamEvents'])
        root.openDB({ name }).dropSync();
      await root.close();

      const handle = openDataDir({ dataDir });
      const sessions = new LmdbSessionStore(handle);
      expect([sessions.count, new LmdbLog(handle).ids()]).toEqual([0, ['svc']]);
      sessions.put([stored('a')]);
      expect(sessions.get(key)).toEqual(stored('a'));
      await handle.close();
    }));

  it('given a damaged record, then that session alone is unreadable, and it can be replaced, removed and swept', () =>
    inTempDir(async dataDir => {
      const first = withServices(openDataDir({ dataDir }));
      new LmdbSessionStore(first).put([stored('a', 1), stored('b', 2), stored('c', 3)]);
      await first.close();
      const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
      const table = root.openDB<Buffer, [string, string]>({ name: 'sessions', encoding: 'binary' });
      for (const id of ['a', 'b', 'c']) table.putSync(['svc', id], Buffer.from('{"usedAt":'));
      await root.close();

      const handle = openDataDir({ dataDir });
      const sessions = new LmdbSessionStore(handle);
      expect(() => sessions.get(key)).toThrow(UnreadableRecordError);
      sessions.put([stored('d', 4)]);
      const uses = ['a', 'd', 'b'].map(id => ({ serviceId: 'svc', id, usedAt: 8 }));
      expect(sessions.touch(uses).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(sessions.get({ serviceId: 'svc', id: 'd' })).toEqual(stored('d', 8));
      sessions.remove([{ serviceId: 'svc', id: 'd' }]);
      sessions.put([stored('a', 9)]);
      sessions.remove([{ serviceId: 'svc', id: 'b' }]);
      expect(sessions.sweep(5, 10).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect([sessions.count, sessions.get(key), sessions.sweep(5, 10)]).toEqual([1, stored('a', 9), []]);
      await handle.close();
    }));

  it('given a service with sessions, when it is removed, then they go with it in the same transaction, and no others', () =>
    inTempDir(async dataDir => {
      const handle = withServices(openDataDir({ dataDir }));
      const sessions = new LmdbSessionStore(handle);
      const log = new LmdbLog(handle);
      sessions.put([stored('a', 1), stored('b', 2), stored('a', 3, { serviceId: 'svc2' })]);
      log.append('svc', log.head('svc')?.token ?? NO_TOKEN, [removal(), draft('registered')]);
      expect([sessions.of('svc'), sessions.of('svc2'), sessions.count]).toEqual([[], ['a'], 1]);
      expect(sessions.sweep(10, 10)).toEqual([{ serviceId: 'svc2', id: 'a' }]);
      await handle.close();
    }));

  it('given a service that is not there, when a session of it is put, then it is not kept for whoever takes the id next', () =>
    inTempDir(async dataDir => {
      const handle = withServices(openDataDir({ dataDir }));
      const sessions = new LmdbSessionStore(handle);
      const late = stored('a', 1, { serviceId: 'gone' });
      sessions.put([late, stored('b')]);
      new LmdbLog(handle).append('gone', NO_TOKEN, [draft('registered')]);
      expect([sessions.get({ serviceId: 'gone', id: 'a' }), sessions.count]).toEqual([undefined, 1]);
      await handle.close();
    }));

  it('refuses everything once the data directory is given up', () =>
    inTempDir(async dataDir => {
      const handle = openDataDir({ dataDir });
      const sessions = new LmdbSessionStore(handle);
      await handle.close();
      expect(() => sessions.put([stored('a')])).toThrow(StorageError);
      expect(() => sessions.get(key)).toThrow('closed');
    }));
});
