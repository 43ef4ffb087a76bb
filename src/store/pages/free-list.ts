/** The numbers of free pages, as lmdb-js keeps them (mdb.c: mdb_freelist_save; midl.c). */
import { HEADER_BYTES, type Node, overflowOf } from './page.ts';
import type { Page, PageFile } from './page-file.ts';

/**
 * An entry of the list: a count, then numbers; a negative one is the length of a run that begins with the number
 * behind it, 0 is nothing. null when it is not that.
 */
export function freePages(file: PageFile, page: Page, node: Node, lastPage: number): number[] | null {
  const bytes = dataOf(file, page, node, lastPage);
  if (bytes === undefined || bytes.length % 8 !== 0 || bytes.length === 0) return null;
  const count = Number(bytes.readBigInt64LE(0));
  if (!(count >= 0 && (count + 1) * 8 <= bytes.length)) return null;
  const free: number[] = [];
  let run = 1;
  for (let index = 1; index <= count; index++) {
    const number = Number(bytes.readBigInt64LE(index * 8));
    if (number < 0) run = -number;
    if (number <= 0) continue;
    if (number + run - 1 > lastPage) return null;
    for (let inRun = 0; inRun < run; inRun++) free.push(number + inRun);
    run = 1;
  }
  return free;
}

function dataOf(file: PageFile, { bytes }: Page, node: Node, lastPage: number): Buffer | undefined {
  if (!node.isBig) return bytes.subarray(node.dataAt, node.dataAt + node.dataBytes);
  const { page } = overflowOf(bytes, node);
  const roomBytes = (lastPage - page + 1) * file.pageBytes - HEADER_BYTES;
  if (node.dataBytes > roomBytes) return undefined;
  return file.bytes(page * file.pageBytes + HEADER_BYTES, node.dataBytes);
}
