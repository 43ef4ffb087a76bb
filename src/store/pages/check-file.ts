/** The page check of a whole data file: what of it is done before the file is used, and what afterwards. */
import { closeSync, openSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { readRoots } from '../data-file.ts';
import { PageCheck } from './page-check.ts';

/** Up to so many pages (32 MiB of 4 KiB each) every page is looked at before the file is used: some 50 ms. */
const WHOLE_AT_OPEN_PAGES = 8192;

/** Tables of which every page is looked at before the file is used, however large the file: boot reads them whole. */
const READ_AT_OPEN = new Set(['meta', 'owed']);

type Root = RootDatabase<unknown, string>;

/**
 * Looks at every page of the file, in slices; yields the number of pages so far, and returns it in the end. A read
 * transaction keeps the pages as they are meanwhile.
 * @throws {StorageError} damaged: says where, and the remedy
 */
export function* checkAllPages(root: Root, path: string): Generator<number, number> {
  return yield* checking(root, path, () => () => 'all');
}

/**
 * Looks, before the file is used, at all that LMDB follows to find anything: every branch page, the list of free pages,
 * the ends of each table; and at the rest, too, if the file is small.
 * @returns whether that was every page
 * @throws {StorageError} damaged: says where, and the remedy
 */
export function checkBeforeUse(root: Root, path: string): boolean {
  let isWhole = false;
  const run = checking(root, path, lastPage => {
    isWhole = lastPage <= WHOLE_AT_OPEN_PAGES;
    return table => (isWhole || READ_AT_OPEN.has(table) ? 'all' : 'edges');
  });
  drain(run);
  return isWhole;
}

/** Runs a check to its end, and returns what that returns. */
export function drain<T>(run: Generator<unknown, T>): T {
  for (let step = run.next(); ; step = run.next()) if (step.done) return step.value;
}

function* checking(
  root: Root,
  path: string,
  choose: (lastPage: number) => Parameters<PageCheck['run']>[0],
): Generator<number, number> {
  const reading = root.useReadTransaction();
  try {
    const fd = openSync(path, 'r');
    try {
      const roots = readRoots(fd, path);
      return yield* new PageCheck(path, fd, roots).run(choose(roots.lastPage));
    } finally {
      closeSync(fd);
    }
  } finally {
    reading.done();
    root.resetReadTxn();
  }
}
