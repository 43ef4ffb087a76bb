import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft, inTempDir } from '../../unit/store/drafts.ts';
import { PAGE_BYTES, usedBytes } from './used-bytes.ts';

/** A directory with a log of some hundred pages. */
async function fill(dataDir: string): Promise<void> {
  const log = openLmdbLog({ dataDir });
  for (let i = 0; i < 60; i++) {
    const documents = { config: { text: 'x'.repeat((i * 997) % 9000) } };
    log.append(`s${i}`, NO_TOKEN, [draft('registered', { documents }), draft('start', { documents })]);
  }
  await log.close();
}

function expectRefused(dataDir: string, ...words: string[]): void {
  const before = readFileSync(dataFilePath(dataDir));
  const attempt = () => openLmdbLog({ dataDir });
  expect(attempt).toThrow(StorageError);
  for (const word of [dataFilePath(dataDir), ...words]) expect(attempt).toThrow(word);
  expect(readFileSync(dataFilePath(dataDir)).equals(before)).toBe(true);
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

/** Offsets in a meta page, and the size of a page's header (mdb.c). */
const TXN_ID_AT = 152;
const FREE_ROOT_AT = 88;
const MAIN_ROOT_AT = 136;
const HEADER_BYTES = 24;

interface Meta {
  readonly at: number;
  readonly txnId: bigint;
}

function metas(file: Buffer): Record<'newer' | 'older', Meta> {
  const [first, second] = [0, PAGE_BYTES].map(at => ({ at, txnId: file.readBigUInt64LE(at + TXN_ID_AT) }));
  if (!first || !second) throw new Error('no meta pages');
  return first.txnId > second.txnId ? { newer: first, older: second } : { newer: second, older: first };
}

function numberBytes(number: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(number);
  return bytes;
}

describe('a damaged event log', () => {
  it('given a file cut off anywhere before its last page in use, then it is refused with a remedy, and stays as it is', () =>
    inTempDir(async parent => {
      const whole = join(parent, 'whole');
      await fill(whole);
      const used = usedBytes(readFileSync(dataFilePath(whole)));
      const lengths = [
        1,
        100,
        PAGE_BYTES - 1,
        PAGE_BYTES,
        PAGE_BYTES + 100,
        2 * PAGE_BYTES,
        used - PAGE_BYTES,
        used - 1,
      ];
      for (let part = 1; part < 12; part++) lengths.push(Math.floor((used * part) / 12));

      for (const length of lengths) {
        const cut = join(parent, `cut at ${length}`);
        mkdirSync(cut);
        copyFileSync(dataFilePath(whole), dataFilePath(cut));
        truncateSync(dataFilePath(cut), length);
        expectRefused(cut, 'damaged', 'restore a backup', 'move the directory away');
      }
    }));

  it('given a file cut off behind its last page in use, then nothing is missing', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      const path = dataFilePath(dataDir);
      truncateSync(path, usedBytes(readFileSync(path)));

      const log = openLmdbLog({ dataDir });
      expect(log.tail(0, 1000)).toHaveLength(120);
      log.append('new', NO_TOKEN, [draft('registered')]);
      await log.close();
    }));

  it('given an empty file, then it is refused: a first start does not leave one', () =>
    inTempDir(async dataDir => {
      writeFileSync(dataFilePath(dataDir), '');
      expectRefused(dataDir, 'damaged', 'it is empty');
    }));

  it('given a new directory, then nothing is in it but the log', () =>
    inTempDir(async dataDir => {
      await openLmdbLog({ dataDir }).close();
      expect(readdirSync(dataDir).sort()).toEqual(['evergate.mdb', 'evergate.mdb-lock']);
    }));

  it.each([
    ['text', Buffer.from('not a database\n'.repeat(2000))],
    ['zeros', Buffer.alloc(40 * PAGE_BYTES)],
    ['ones', Buffer.alloc(40 * PAGE_BYTES, 0xff)],
  ])('given a file of %s, then it is refused', (_, content) =>
    inTempDir(async dataDir => {
      writeFileSync(dataFilePath(dataDir), content);
      expectRefused(dataDir, 'damaged');
    }),
  );

  it.each([
    ['first', 0],
    ['second', PAGE_BYTES],
  ])('given its %s meta page zeroed, then it is refused instead of rolled back', (_, at) =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      overwrite(dataFilePath(dataDir), at, Buffer.alloc(PAGE_BYTES));
      expectRefused(dataDir, 'damaged');
    }),
  );

  it.each([
    ['newer', 'older', -2n],
    ['older', 'newer', 2n],
  ] as const)(
    'given a meta page, the %s, that says it is the %s, then it is refused instead of rolled back',
    (which, _, difference) =>
      inTempDir(async dataDir => {
        await fill(dataDir);
        const path = dataFilePath(dataDir);
        const { at, txnId } = metas(readFileSync(path))[which];
        overwrite(path, at + TXN_ID_AT, numberBytes(txnId + difference));
        expectRefused(dataDir, 'damaged', 'two commits in a row', 'restore a backup');
      }),
  );

  it('given a list of free pages that names one in use, then it is refused before it is overwritten', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      const path = dataFilePath(dataDir);
      const file = readFileSync(path);
      const { at } = metas(file).newer;
      const [freeRoot, mainRoot] = [FREE_ROOT_AT, MAIN_ROOT_AT].map(root => file.readBigUInt64LE(at + root));
      const leafAt = Number(freeRoot) * PAGE_BYTES;
      const nodeAt = leafAt + HEADER_BYTES + file.readUInt16LE(leafAt + HEADER_BYTES);
      const firstFreeAt = nodeAt + 8 + 8 + 8;
      overwrite(path, firstFreeAt, numberBytes(mainRoot ?? 0n));
      expectRefused(dataDir, 'damaged', 'its list of free pages', 'two uses', 'restore a backup');
    }));

  it('given bytes appended to it, then it is refused', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      appendFileSync(dataFilePath(dataDir), 'x');
      expectRefused(dataDir, 'damaged');
    }));

  it('given its directory tables zeroed, then it is refused', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      const path = dataFilePath(dataDir);
      const file = readFileSync(path);
      for (let at = 2 * PAGE_BYTES; at < usedBytes(file); at += PAGE_BYTES)
        overwrite(path, at, Buffer.alloc(PAGE_BYTES));
      expectRefused(dataDir, 'restore a backup');
    }));
});

describe('an event log of another version', () => {
  it('given a newer format, then it is refused naming both versions, and nothing is written', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      const root = open({ path: dataFilePath(dataDir), maxDbs: 8, overlappingSync: false });
      root.openDB({ name: 'meta', encoding: 'json' }).putSync('format', { version: 2 });
      await root.close();

      expectRefused(dataDir, 'format version 2', 'up to 1', 'newer version of the gateway');
    }));
});

describe('a data directory that cannot be used', () => {
  it('given a file in its place, then it is refused by name', () =>
    inTempDir(async parent => {
      const dataDir = join(parent, 'data');
      writeFileSync(dataDir, '');
      expect(() => openLmdbLog({ dataDir })).toThrow(StorageError);
      expect(() => openLmdbLog({ dataDir })).toThrow(dataDir);
    }));
});
