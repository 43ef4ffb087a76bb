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
import { draft, inTempDir } from './drafts.ts';
import { describeSessionStore, stored } from './session-store.contract.ts';
import { describeStreamStore } from './stream-store.contract.ts';

let dir = '';
let handle: LmdbHandle;

function opened(): LmdbHandle {
  dir = mkdtempSync(join(tmpdir(), 'evergate-store-'));
  handle = openDataDir({ dataDir: dir });
  return handle;
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
      const first = openDataDir({ dataDir });
      new LmdbSessionStore(first).put([stored('a', 1), stored('b', 2), stored('c', 3)]);
      await first.close();
      const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
      const table = root.openDB<Buffer, [string, string]>({ name: 'sessions', encoding: 'binary' });
      for (const id of ['a', 'b', 'c']) table.putSync(['svc', id], Buffer.from('{"usedAt":'));
      await root.close();

      const handle = openDataDir({ dataDir });
      const sessions = new LmdbSessionStore(handle);
      expect(() => sessions.get(key)).toThrow(UnreadableRecordError);
      sessions.put([stored('a', 9)]);
      sessions.remove([{ serviceId: 'svc', id: 'b' }]);
      expect(sessions.sweep(5, 10).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect([sessions.count, sessions.get(key), sessions.sweep(5, 10)]).toEqual([1, stored('a', 9), []]);
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
