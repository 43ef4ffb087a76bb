/** What a page of an LMDB tree must be like, whatever it holds (mdb.c: MDB_page_header, MDB_node, MDB_db, MDB_ovpage). */
import type { Page } from './page-file.ts';

export const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const OVERFLOW_BYTES = 24;
const TREE_BYTES = 48;

/** Page flags, at 18 of the header. */
export const BRANCH = 0x01;
export const LEAF = 0x02;
export const OVERFLOW = 0x04;

/** Node flags. */
const BIG_DATA = 0x01;
const SUB_TREE = 0x02;

const TXN_ID_AT = 8;
const FLAGS_WORD = 9;
const LOWER_WORD = 10;
const UPPER_WORD = 11;
/** Count of pages of an overflow page. */
const COUNT_AT = 20;

/** Root of an empty tree. */
const NO_PAGE = 2n ** 64n - 1n;

/** What LMDB notes of a tree. */
export interface Tree {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** null when it is empty. */
  readonly root: number | null;
}

export function readTree(bytes: Buffer, at: number): Tree {
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: Number(bytes.readBigUInt64LE(at + 8)),
    leafPages: Number(bytes.readBigUInt64LE(at + 16)),
    overflowPages: Number(bytes.readBigUInt64LE(at + 24)),
    entries: Number(bytes.readBigUInt64LE(at + 32)),
    root: root === NO_PAGE ? null : Number(root),
  };
}

/** A node of a page, until the page is gone. Offsets are into the page's `bytes`. */
export interface Node {
  readonly flags: number;
  readonly keyAt: number;
  readonly keyEnd: number;
  /** Of a branch: the page below. */
  readonly child: number;
  readonly dataAt: number;
  readonly dataBytes: number;
  /** Its data are on pages of their own, told at `dataAt`. */
  readonly isBig: boolean;
}

/** What is wrong with the page as such; null when nothing is. */
export function headerFault(page: Page, kind: number, lastTxnId: bigint, pageBytes: number): string | null {
  const { bytes, words, at, number } = page;
  const word = at / 2;
  if (bytes.readBigUInt64LE(at) !== BigInt(number)) return 'does not have its own number';
  if (words[word + FLAGS_WORD] !== kind) return 'is not of the kind its place asks for';
  if (bytes.readBigUInt64LE(at + TXN_ID_AT) > lastTxnId) return 'is newer than the file';
  if (kind === OVERFLOW) return null;
  const lower = words[word + LOWER_WORD] ?? 0;
  const upper = words[word + UPPER_WORD] ?? 0;
  const isSound = lower % 2 === 0 && lower <= upper && HEADER_BYTES + upper <= pageBytes;
  return isSound ? null : 'has bounds that cannot be';
}

/** Offsets within a page count from behind its header. */
export const nodeCount = ({ words, at }: Page) => (words[at / 2 + LOWER_WORD] ?? 0) / 2;
export const overflowCount = ({ bytes, at }: Page) => bytes.readUInt32LE(at + COUNT_AT);
const upperOf = ({ words, at }: Page) => words[at / 2 + UPPER_WORD] ?? 0;

/** A node of a page with sound bounds; undefined when it does not lie within them. */
export function nodeAt(
  { words, at }: Page,
  index: number,
  isLeaf: boolean,
  pageBytes: number,
): Node | undefined {
  const word = at / 2;
  const offset = HEADER_BYTES + (words[word + HEADER_BYTES / 2 + index] ?? 0);
  if (offset % 2 !== 0 || offset + NODE_BYTES > pageBytes) return undefined;
  const nodeWord = word + offset / 2;
  const low = (words[nodeWord] ?? 0) + (words[nodeWord + 1] ?? 0) * 0x1_0000;
  const flags = words[nodeWord + 2] ?? 0;
  const keyAt = at + offset + NODE_BYTES;
  const keyEnd = keyAt + (words[nodeWord + 3] ?? 0);
  const isBig = isLeaf && (flags & BIG_DATA) !== 0;
  const stored = isLeaf ? (isBig ? OVERFLOW_BYTES : low) : 0;
  if (keyEnd + stored > at + pageBytes) return undefined;
  const child = isLeaf ? 0 : low + flags * 0x1_0000_0000;
  return { flags: isLeaf ? flags : 0, keyAt, keyEnd, child, dataAt: keyEnd, dataBytes: low, isBig };
}

/** Whether the nodes of a page fill what its bounds leave for them, as LMDB always has it. */
export function fills(page: Page, nodeBytes: number, pageBytes: number): boolean {
  return HEADER_BYTES + upperOf(page) + nodeBytes === pageBytes;
}

/** Bytes of a node on its page. */
export function sizeOf({ keyAt, keyEnd, dataBytes, isBig }: Node, isLeaf: boolean): number {
  const bytes = NODE_BYTES + (keyEnd - keyAt) + (isLeaf ? (isBig ? OVERFLOW_BYTES : dataBytes) : 0);
  return bytes + (bytes % 2);
}

/** The pages of a node's data. */
export function overflowOf(bytes: Buffer, { dataAt }: Node): { page: number; count: number } {
  return { page: Number(bytes.readBigUInt64LE(dataAt)), count: Number(bytes.readBigUInt64LE(dataAt + 16)) };
}

export const isTree = ({ flags, dataBytes }: Node) => flags === SUB_TREE && dataBytes === TREE_BYTES;
