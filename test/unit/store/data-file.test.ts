import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { ensureRoom, requireWholeFile } from '../../../src/store/data-file.ts';
import { inTempDir } from './drafts.ts';

const VALUE_BYTES = 5 * 2 ** 20;

/** Stores and removes a large value in one transaction: LMDB counts its pages as used and never writes them. */
async function leaveUnwrittenPages(path: string, before: () => void): Promise<void> {
  const root = open<string, string>({ path, encoding: 'string', overlappingSync: false });
  for (let i = 0; i < 20; i++) root.putSync('kept', 'x'.repeat(i * 500));
  before();
  root.transactionSync(() => {
    root.putSync('gone', 'x'.repeat(VALUE_BYTES));
    root.removeSync('gone');
  });
  await root.close();
}

describe('a sound file', () => {
  it('can be shorter than LMDB says, and would look damaged', () =>
    inTempDir(async dir => {
      const path = join(dir, 'log.mdb');
      await leaveUnwrittenPages(path, () => {});
      expect(() => requireWholeFile(path)).toThrow('damaged');
    }));

  it('never is, when room was made before the transaction', () =>
    inTempDir(async dir => {
      const path = join(dir, 'log.mdb');
      await leaveUnwrittenPages(path, () => {
        const fd = openSync(path, 'r+');
        ensureRoom(fd, path, VALUE_BYTES);
        closeSync(fd);
      });
      requireWholeFile(path);
    }));

  it('takes space ahead, but not for the worst that a large transaction could need', () =>
    inTempDir(async dir => {
      const path = join(dir, 'log.mdb');
      await leaveUnwrittenPages(path, () => {});
      const fd = openSync(path, 'r+');
      const before = statSync(path).blocks * 512;
      ensureRoom(fd, path, 0);
      const little = statSync(path).blocks * 512;
      ensureRoom(fd, path, 2 ** 30);
      closeSync(fd);
      const { size, blocks } = statSync(path);
      expect(little - before).toBeGreaterThan(2 ** 19);
      expect(size).toBeGreaterThan(2 ** 31);
      expect(blocks * 512).toBeLessThan(2 ** 25);
      requireWholeFile(path);
    }));

  it('is not made longer for every transaction, and never shorter', () =>
    inTempDir(async dir => {
      const path = join(dir, 'log.mdb');
      await leaveUnwrittenPages(path, () => {});
      const fd = openSync(path, 'r+');
      ensureRoom(fd, path, VALUE_BYTES);
      const { size } = statSync(path);
      for (let i = 0; i < 3; i++) ensureRoom(fd, path, VALUE_BYTES);
      ensureRoom(fd, path, 0);
      closeSync(fd);
      expect(statSync(path).size).toBe(size);
    }));
});
