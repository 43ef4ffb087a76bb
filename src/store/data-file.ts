/**
 * A look at an LMDB file from outside. LMDB maps the file: were it shorter than it claims, a read would end
 * the process with a bus error, and a lost meta page would silently roll the last commit back. So every
 * page in use must be there before the file is opened. LMDB alone does not promise that of a sound file,
 * for it never writes pages that were allocated and freed in one transaction; `ensureRoom` does.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readTree } from './pages/page.ts';
import type { FileRoots } from './pages/page-check.ts';
import { damagedFile } from './storage-faults.ts';

const MAGIC = 0xbeefc0de;
const META_FLAG = 0x08;
const PAGE_HEADER_BYTES = 24;
const META_BYTES = 144;
const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65_536;
/** More pages than any file can have: such a number is damage. */
const TOO_MANY_PAGES = 2n ** 36n;
/** More than a transaction allocates besides its values: the paths through the trees, and the free list. */
const OVERHEAD_BYTES = 2 ** 20;

const ZEROS = Buffer.alloc(MAX_PAGE_BYTES);

/** Most disk space that is taken ahead of what is stored. */
const MAX_RESERVE_BYTES = 16 * 2 ** 20;

/** What `fstat` counts blocks in. */
const BLOCK_BYTES = 512;

/** Offsets inside a meta page, from its start (struct MDB_page_header, then struct MDB_meta). */
const FLAGS_AT = 18;
const MAGIC_AT = PAGE_HEADER_BYTES;
const PAGE_SIZE_AT = PAGE_HEADER_BYTES + 24;
const FREE_TREE_AT = PAGE_HEADER_BYTES + 24;
const MAIN_TREE_AT = PAGE_HEADER_BYTES + 72;
const LAST_PAGE_AT = PAGE_HEADER_BYTES + 120;
const TXN_ID_AT = PAGE_HEADER_BYTES + 128;
/** Offset inside the header of any page. */
const PAGE_TXN_ID_AT = 8;

/**
 * Refuses a file that LMDB could not open safely; a missing one is fine.
 * @throws {StorageError} its meta pages are not LMDB's, or pages are missing at its end
 */
export function requireWholeFile(path: string): void {
  const fd = openExisting(path);
  if (fd === undefined) return;
  try {
    const { size } = fstatSync(fd);
    if (size === 0) throw damagedFile(path, 'it is empty');
    const { lastPage, pageBytes } = readRoots(fd, path);
    const claimedBytes = (lastPage + 1) * pageBytes;
    if (size < claimedBytes || size % pageBytes !== 0) {
      throw damagedFile(path, `it has ${size} bytes of at least ${claimedBytes}`);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes the file long enough for a transaction that stores up to `valueBytes`, whatever pages it leaves unwritten, and makes
 * sure that it can be written: the room is written with zeros, so that the disk space is taken before LMDB needs it, and the
 * next page is tried. What thousands of small changes might need at worst, beyond MAX_RESERVE_BYTES, is left sparse. A write of LMDB's own that fails overruns a buffer of 100 bytes with its error message (lmdb 3.5.6,
 * mdb.c, "Attempting to write page"), and the process may end of that at any time later; so what fails has to fail here.
 * @throws {Error} of the file system, as when the disk is full; the file is as long as it was
 */
export function ensureRoom(fd: number, path: string, valueBytes: number): void {
  const { lastPage, pageBytes } = readRoots(fd, path);
  const usedBytes = (lastPage + 1) * pageBytes;
  const neededBytes = usedBytes + 2 * valueBytes + OVERHEAD_BYTES;
  const { size } = fstatSync(fd);
  if (size < neededBytes) {
    const roomyBytes = neededBytes + OVERHEAD_BYTES;
    const newSize = roomyBytes + MAX_PAGE_BYTES - (roomyBytes % MAX_PAGE_BYTES);
    lengthen(fd, size, Math.min(newSize, Math.max(size, usedBytes + MAX_RESERVE_BYTES)));
    ftruncateSync(fd, newSize);
  }
  writeSync(fd, ZEROS, 0, 1, usedBytes);
}

/** Writes zeros at the end. @throws {Error} of the file system; what was written is cut off again */
function lengthen(fd: number, from: number, to: number): void {
  try {
    for (let at = from; at < to; ) at += writeSync(fd, ZEROS, 0, Math.min(ZEROS.length, to - at), at);
  } catch (error) {
    ftruncateSync(fd, from);
    throw error;
  }
}

/** Bytes of the disk that a file takes: it may be sparse, or compressed, so that its size says little. */
export function diskBytesOf(fd: number): number {
  return fstatSync(fd).blocks * BLOCK_BYTES;
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Looks at the meta pages before they count as damaged: a writer may come between two looks at them. */
const LOOKS = 3;

/** What the newer of the two meta pages says. @throws {StorageError} they are not those of a sound file */
export function readRoots(fd: number, path: string): FileRoots {
  for (let look = 0; look < LOOKS; look++) {
    const first = readMeta(fd, 0, path);
    const second = readMeta(fd, first.pageBytes, path);
    const [newer, older] = first.txnId >= second.txnId ? [first, second] : [second, first];
    if (followsFrom(newer, older) && hasOwnRoot(fd, newer) && hasOwnRoot(fd, older)) return newer;
  }
  throw damagedFile(path, 'its meta pages are not those of two commits in a row');
}

/** Commits write the meta pages in turn; a new file has two equal ones, a copy one of its moment and one of an empty file. */
function followsFrom(newer: FileRoots, older: FileRoots): boolean {
  if (newer.txnId === older.txnId) return newer.main.root === null && older.main.root === null;
  return newer.txnId - older.txnId === 1n || (older.txnId === 0n && older.main.root === null);
}

/** Number of the pages of a copy (`mdb_env_copy` with compaction). */
const COPIED = 1n;

/**
 * A commit writes its root afresh, so a meta page and its root have the same number. A meta page whose number was damaged
 * into that of another commit would otherwise roll the last one back. A root that is not there is for the caller to find.
 */
function hasOwnRoot(fd: number, { main, pageBytes, txnId }: FileRoots): boolean {
  if (main.root === null) return true;
  const header = Buffer.alloc(PAGE_HEADER_BYTES);
  if (readSync(fd, header, 0, header.length, main.root * pageBytes) < header.length) return true;
  const rootTxnId = header.readBigUInt64LE(PAGE_TXN_ID_AT);
  return rootTxnId === txnId || rootTxnId === COPIED;
}

function readMeta(fd: number, offset: number, path: string): FileRoots {
  const page = Buffer.alloc(PAGE_HEADER_BYTES + META_BYTES);
  if (readSync(fd, page, 0, page.length, offset) < page.length) {
    throw damagedFile(path, 'it ends inside its meta pages');
  }
  const pageBytes = page.readUInt32LE(PAGE_SIZE_AT);
  const isMeta = (page.readUInt16LE(FLAGS_AT) & META_FLAG) !== 0 && page.readUInt32LE(MAGIC_AT) === MAGIC;
  const isPageSize =
    pageBytes >= MIN_PAGE_BYTES && pageBytes <= MAX_PAGE_BYTES && (pageBytes & (pageBytes - 1)) === 0;
  const lastPage = page.readBigUInt64LE(LAST_PAGE_AT);
  if (!isMeta || (offset === 0 && !isPageSize) || lastPage >= TOO_MANY_PAGES) {
    throw damagedFile(path, 'its meta pages are not those of an LMDB file');
  }
  return {
    pageBytes,
    lastPage: Number(lastPage),
    txnId: page.readBigUInt64LE(TXN_ID_AT),
    free: readTree(page, FREE_TREE_AT),
    main: readTree(page, MAIN_TREE_AT),
  };
}

/** Makes the file's name as durable as its content. Windows has no such call and needs none. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  for (const directory of [path, dirname(path)]) {
    const fd = openSync(directory, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
