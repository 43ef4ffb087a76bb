import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { LmdbLog, openDataDir, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { LmdbSessionStore } from '../../../src/store/lmdb-sessions.ts';
import { isBehind } from '../../../src/store/newest-commit.ts';
import { draft, inTempDir } from './drafts.ts';

/**
 * Does what a process does that opens the file while a commit ends (ITS#9496): its lock file names the commit before. In a
 * process of its own, for to close a lock file gives up the locks of the whole process.
 */
async function nameEarlierCommit(dataDir: string): Promise<void> {
  await nameCommit(dataDir, -1n);
}

async function nameCommit(dataDir: string, further: bigint): Promise<void> {
  const script = `
    const fd = fs.openSync(${JSON.stringify(`${dataFilePath(dataDir)}-lock`)}, 'r+');
    const named = Buffer.alloc(8);
    fs.readSync(fd, named, 0, 8, 8);
    named.writeBigUInt64LE(named.readBigUInt64LE() + ${further}n);
    fs.writeSync(fd, named, 0, 8, 8);`;
  await promisify(execFile)(process.execPath, ['-e', script]);
}

const typesOf = (log: LmdbLog) => log.read('a').map(({ event }) => event.type);

describe('given a lock file that names an earlier commit than the newest', () => {
  it('when something is appended, then what was durable before is still there (invariant 7)', () =>
    inTempDir(async dataDir => {
      const log = openLmdbLog({ dataDir });
      let token = log.append('a', NO_TOKEN, [draft('one')]);
      token = log.append('a', token, [draft('two')]);
      await nameEarlierCommit(dataDir);
      token = log.append('a', token, [draft('three')]);
      expect(typesOf(log)).toEqual(['one', 'two', 'three']);
      await nameEarlierCommit(dataDir);
      log.append('b', NO_TOKEN, [draft('one')]);
      expect(log.ids()).toEqual(['a', 'b']);
      expect(log.tail(0, 9).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      await log.close();
    }));

  it('when the log is read, then all of it is there', () =>
    inTempDir(async dataDir => {
      const log = openLmdbLog({ dataDir });
      const token = log.append('a', NO_TOKEN, [draft('one')]);
      log.append('a', token, [draft('two')]);
      await nameEarlierCommit(dataDir);
      expect(typesOf(log)).toEqual(['one', 'two']);
      expect(log.lastSeq()).toBe(2);
      await log.close();
    }));

  it('when the log is closed, then nothing of it is lost, and the directory is free', () =>
    inTempDir(async dataDir => {
      const first = openLmdbLog({ dataDir });
      first.append('a', NO_TOKEN, [draft('one')]);
      await nameEarlierCommit(dataDir);
      await first.close();
      const second = openLmdbLog({ dataDir });
      expect(typesOf(second)).toEqual(['one']);
      await second.close();
    }));

  it('when a session is stored, then the sessions and records of before are there', () =>
    inTempDir(async dataDir => {
      const handle = openDataDir({ dataDir });
      const log = new LmdbLog(handle);
      const sessions = new LmdbSessionStore(handle);
      const session = (id: string) => ({ serviceId: 'a', id, usedAt: 1, data: {} });
      log.append('a', NO_TOKEN, [draft('one')]);
      sessions.put([session('first')]);
      await nameEarlierCommit(dataDir);
      sessions.put([session('second')]);
      expect(sessions.of('a')).toEqual(['first', 'second']);
      expect(typesOf(log)).toEqual(['one']);
      await handle.close();
    }));
});

describe('a file that another process writes', () => {
  it('is behind while its lock file names an earlier commit, and not when the newest is named meanwhile', () =>
    inTempDir(async dataDir => {
      const log = openLmdbLog({ dataDir });
      log.append('a', NO_TOKEN, [draft('one')]);
      const path = dataFilePath(dataDir);
      const [fd, lockFd] = [openSync(path, 'r'), openSync(`${path}-lock`, 'r')];
      expect(isBehind(fd, lockFd, path)).toBe(false);
      await nameEarlierCommit(dataDir);
      expect(isBehind(fd, lockFd, path)).toBe(true);
      const soon = nameCommit(dataDir, 1n);
      expect(isBehind(fd, lockFd, path, 20_000)).toBe(false);
      await soon;
      closeSync(fd);
      await log.close();
      closeSync(lockFd);
    }));
});
