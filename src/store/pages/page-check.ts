/**
 * Looks at the pages of an LMDB file from outside of LMDB. LMDB takes every page for what it should be: a zeroed or
 * flipped one makes it abort the process, or read past its memory. This walk follows the trees as LMDB would and checks
 * what LMDB takes for granted: numbers, kinds, bounds, the order of keys, counts, and that no page has two uses.
 */
import { damagedFile } from '../storage-faults.ts';
import { freePages } from './free-list.ts';
import { BY_BYTES, BY_NUMBER, type KeyKind } from './keys.ts';
import * as pages from './page.ts';
import { type Page, PageFile } from './page-file.ts';
import { UsedPages } from './used-pages.ts';

/** What the newer meta page says. */
export interface FileRoots {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly txnId: bigint;
  readonly free: pages.Tree;
  readonly main: pages.Tree;
}

/** Which leaves of a table are looked at, besides every branch page: all, or the first and last (where it is pruned and appended to). */
export type Leaves = 'all' | 'edges';

/** The least key of a page, and the least key behind it; null: no bound. */
type Bounds = readonly [from: Buffer | null, to: Buffer | null];
type Visit = (page: Page, node: pages.Node) => void;

interface Walk extends KeyKind {
  readonly name: string;
  readonly tree: pages.Tree;
  readonly leaves: Leaves;
  /** Told each entry of each leaf that is looked at. */
  readonly visit: Visit;
  readonly seen: { branchPages: number; leafPages: number; overflowPages: number; entries: number };
}

/** Deepest tree LMDB can have. */
const MAX_DEPTH = 32;

const DIRECTORY = 'its directory of tables';
const FREE_PAGES = 'its list of free pages';

export class PageCheck {
  readonly #file: PageFile;
  readonly #path: string;
  readonly #roots: FileRoots;
  readonly #used: UsedPages;
  #pages = 0;

  /** @param fd of the file, open for reading; its pages must stay as they are: a read transaction sees to that */
  constructor(path: string, fd: number, roots: FileRoots) {
    this.#path = path;
    this.#roots = roots;
    this.#file = new PageFile(fd, roots.pageBytes);
    this.#used = new UsedPages(roots.lastPage);
  }

  /**
   * Walks all trees and yields now and then the number of pages looked at; returns it in the end.
   * @throws {StorageError} the file is damaged: says where, and the remedy
   */
  *run(leavesOf: (table: string) => Leaves): Generator<number, number> {
    const { main, free } = this.#roots;
    const tables: [string, pages.Tree][] = [];
    yield* this.#walk(DIRECTORY, main, 'all', BY_BYTES, ({ bytes }, node) => {
      if (!pages.isTree(node)) throw this.#damage(DIRECTORY, 'has an entry that is no table');
      const name = bytes.toString('utf8', node.keyAt, node.keyEnd).replace(/\0$/, '');
      tables.push([name, pages.readTree(bytes, node.dataAt)]);
    });
    for (const [name, tree] of tables)
      yield* this.#walk(`table ${name}`, tree, leavesOf(name), BY_BYTES, () => {});
    yield* this.#walk(FREE_PAGES, free, 'all', BY_NUMBER, (page, node) => this.#free(page, node));
    return this.#pages;
  }

  *#walk(
    name: string,
    tree: pages.Tree,
    leaves: Leaves,
    kind: KeyKind,
    visit: Visit,
  ): Generator<number, void> {
    const { root, depth, branchPages, leafPages, overflowPages, entries } = tree;
    const seen = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    if (depth > MAX_DEPTH || (root === null) !== (depth === 0)) throw this.#damage(name, 'has no sound root');
    if (root !== null)
      yield* this.#below({ ...kind, name, tree, leaves, visit, seen }, root, 1, [null, null]);
    const isWhole = leaves === 'all' || seen.leafPages <= 2;
    const areCounted = seen.branchPages === branchPages && seen.leafPages === leafPages;
    const areAllCounted = seen.overflowPages === overflowPages && seen.entries === entries;
    if (!areCounted || (isWhole && !areAllCounted)) throw this.#damage(name, 'does not hold what it should');
  }

  *#below(walk: Walk, number: number, level: number, bounds: Bounds): Generator<number, void> {
    this.#use(number, walk.name);
    if (level === walk.tree.depth) return this.#leaf(walk, number, bounds);
    walk.seen.branchPages++;
    const children = this.#branch(walk, number, bounds);
    for (const [index, { page, key }] of children.entries()) {
      const within: Bounds = [index === 0 ? bounds[0] : key, children[index + 1]?.key ?? bounds[1]];
      if (level + 1 < walk.tree.depth) yield* this.#below(walk, page, level + 1, within);
      else {
        this.#use(page, walk.name);
        this.#leaf(walk, page, within);
      }
    }
    yield this.#pages;
  }

  #branch(walk: Walk, number: number, bounds: Bounds) {
    const page = this.#page(walk.name, number, pages.BRANCH);
    const copy = Buffer.from(page.bytes.subarray(page.at, page.at + this.#file.pageBytes));
    const children: { page: number; key: Buffer }[] = [];
    this.#entries(walk, page, false, bounds, ({ child, keyAt, keyEnd }) =>
      children.push({ page: child, key: copy.subarray(keyAt - page.at, keyEnd - page.at) }),
    );
    const least = walk.name === FREE_PAGES ? 1 : 2;
    if (children.length < least) throw this.#damage(walk.name, `page ${number} has too few branches`);
    return children;
  }

  #leaf(walk: Walk, number: number, bounds: Bounds): void {
    walk.seen.leafPages++;
    if (walk.leaves === 'edges' && !bounds.includes(null)) return;
    const page = this.#page(walk.name, number, pages.LEAF);
    const big: { page: number; count: number }[] = [];
    this.#entries(walk, page, true, bounds, node => {
      walk.seen.entries++;
      if (node.isBig) big.push(pages.overflowOf(page.bytes, node));
      walk.visit(page, node);
    });
    for (const { page: first, count } of big) this.#overflow(walk, first, count);
  }

  /** Looks at the entries of a page: that they lie on it and fill it, their keys within its bounds and in order. */
  #entries(walk: Walk, page: Page, isLeaf: boolean, [from, to]: Bounds, each: (node: pages.Node) => void) {
    const { pageBytes } = this.#file;
    const count = pages.nodeCount(page);
    let nodeBytes = 0;
    let before = from;
    for (let index = 0; index < count; index++) {
      const node = pages.nodeAt(page, index, isLeaf, pageBytes);
      if (node === undefined)
        throw this.#damage(walk.name, `page ${page.number} has an entry that is not on it`);
      nodeBytes += pages.sizeOf(node, isLeaf);
      // The first key of a branch page stands for all that is less than the second.
      if (isLeaf || index > 0) {
        const key = page.bytes.subarray(node.keyAt, node.keyEnd);
        const order = before === null ? 1 : walk.compare(key, before);
        const isInOrder = order > 0 || (order === 0 && before === from);
        if (!isInOrder || !walk.isKey(key))
          throw this.#damage(walk.name, `page ${page.number} is not in order`);
        before = key;
      }
      each(node);
    }
    const isBeforeNext = before === null || to === null || walk.compare(before, to) < 0;
    if (!isBeforeNext || !pages.fills(page, nodeBytes, pageBytes))
      throw this.#damage(walk.name, `page ${page.number} does not fit in`);
  }

  #overflow({ name, seen }: Walk, first: number, count: number): void {
    if (!(count >= 1 && count <= this.#roots.lastPage)) throw this.#damage(name, `page ${first} is too long`);
    for (let number = first; number < first + count; number++) this.#use(number, name);
    seen.overflowPages += count;
    if (pages.overflowCount(this.#page(name, first, pages.OVERFLOW)) !== count)
      throw this.#damage(name, `page ${first} is not as long as noted`);
  }

  #free(page: Page, node: pages.Node): void {
    const free = freePages(this.#file, page, node, this.#roots.lastPage);
    if (free === null) throw this.#damage(FREE_PAGES, `page ${page.number} is no list`);
    for (const number of free) this.#use(number, FREE_PAGES);
  }

  #page(name: string, number: number, kind: number): Page {
    const page = this.#file.page(number);
    if (page === undefined) throw this.#damage(name, `page ${number} is missing`);
    this.#pages++;
    const fault = pages.headerFault(page, kind, this.#roots.txnId, this.#file.pageBytes);
    if (fault !== null) throw this.#damage(name, `page ${number} ${fault}`);
    return page;
  }

  #use(number: number, name: string): void {
    const fault = this.#used.add(number);
    if (fault !== null) throw this.#damage(name, fault);
  }

  #damage(name: string, what: string): Error {
    return damagedFile(this.#path, `${name}: ${what}`);
  }
}
