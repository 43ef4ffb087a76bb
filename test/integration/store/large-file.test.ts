import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import type { LmdbHandle } from '../../../src/store/lmdb-handle.ts';
import { LmdbLog, openDataDir } from '../../../src/store/lmdb-log.ts';
import { drain } from '../../../src/store/pages/check-file.ts';
import { draft, inTempDir, withDocuments } from '../../unit/store/drafts.ts';
import { PAGE_BYTES, usedBytes } from './used-bytes.ts';

const LEAF = 2;

/** A log above the size up to which every page is looked at before it is used. */
async function fillLarge(dataDir: string): Promise<void> {
  const data = openDataDir({ dataDir });
  const log = new LmdbLog(data);
  const text = 'x'.repeat(2 ** 20);
  for (let i = 0; i < 40; i++) {
    const drafts = Array.from({ length: 40 }, () => draft('x'));
    log.append(`s${i}`, NO_TOKEN, [withDocuments({ config: { text } }), ...drafts]);
  }
  await data.close();
}

function damagedCopy(from: string, to: string, page: number): void {
  mkdirSync(to);
  copyFileSync(dataFilePath(from), dataFilePath(to));
  const fd = openSync(dataFilePath(to), 'r+');
  writeSync(fd, Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, page * PAGE_BYTES);
  closeSync(fd);
}

/** Leaf pages of tables, in use or not any more. */
function leafPages(file: Buffer): number[] {
  const pages = Array.from({ length: usedBytes(file) / PAGE_BYTES }, (_, page) => page);
  return pages.filter(
    page =>
      file.readUInt16LE(page * PAGE_BYTES + 18) === LEAF &&
      file.readBigUInt64LE(page * PAGE_BYTES) === BigInt(page),
  );
}

/** The damage is found when every page is looked at, and not before. */
async function isHidden(dataDir: string): Promise<boolean> {
  let data: LmdbHandle | undefined;
  try {
    data = openDataDir({ dataDir });
    drain(data.checkPages());
    return false;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return data !== undefined;
  } finally {
    await data?.close();
  }
}

/** Leaves a claim behind as a process does that was killed. */
async function leaveClaim(dataDir: string): Promise<void> {
  const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
  const dead = { pid: 1, startTicks: 0, bootId: 'an earlier one' };
  root.openDB({ name: 'meta', encoding: 'json' }).putSync('holder', dead);
  await root.close();
}

describe('a data file too large to be looked at before every start', () => {
  it('given a damaged page that boot does not read, then it is found while the gateway runs, or at the start after one that did not end well', () =>
    inTempDir(async parent => {
      const whole = join(parent, 'whole');
      await fillLarge(whole);
      const sound = openDataDir({ dataDir: whole });
      expect(sound.isChecked).toBe(false);
      expect(drain(sound.checkPages())).toBeGreaterThan(40);
      await sound.close();

      let hidden: string | undefined;
      for (const page of leafPages(readFileSync(dataFilePath(whole)))) {
        const copy = join(parent, `damaged ${page}`);
        damagedCopy(whole, copy, page);
        if (!(await isHidden(copy))) continue;
        hidden = copy;
        break;
      }
      expect(hidden).toBeDefined();
      const dataDir = hidden ?? '';
      const watched = openDataDir({ dataDir });
      expect(() => drain(watched.checkPages())).toThrow(/is damaged \(table .*: page \d+ .*restore a backup/);
      await watched.close();
      await leaveClaim(dataDir);
      expect(() => openDataDir({ dataDir })).toThrow(/is damaged \(table .*restore a backup/);
    }));

  it('given the file is opened afresh while it is looked at, then the look ends and can begin anew', () =>
    inTempDir(async dataDir => {
      const data = openDataDir({ dataDir });
      const log = new LmdbLog(data);
      for (let i = 0; i < 30; i++)
        log.append(
          `s${i}`,
          NO_TOKEN,
          Array.from({ length: 40 }, () => draft('x')),
        );
      const look = data.checkPages();
      expect(look.next().done).toBe(false);
      expect(() =>
        data.write('fail on', 0, () => {
          throw new Error('no');
        }),
      ).toThrow(StorageError);
      log.append('a', NO_TOKEN, [draft('x')]);
      expect(look.next()).toEqual({ done: true, value: undefined });
      expect(drain(data.checkPages())).toBeGreaterThan(1);

      const last = data.checkPages();
      last.next();
      await data.close();
      expect(last.next()).toEqual({ done: true, value: undefined });
    }));
});
