/** Pages of an LMDB file, read from outside of LMDB. In memory and file they are in the machine's byte order. */
import { readSync } from 'node:fs';

/** Bytes read at once: tables are mostly in the order of their pages. */
const WINDOW_BYTES = 65_536;

/** One page, until the next is asked for. */
export interface Page {
  readonly number: number;
  /** Contains the page among others. */
  readonly bytes: Buffer;
  /** The same memory in units of 16 bits. */
  readonly words: Uint16Array;
  /** Where the page begins in `bytes`. */
  readonly at: number;
}

export class PageFile {
  readonly pageBytes: number;
  readonly #fd: number;
  readonly #bytes: Buffer;
  readonly #words: Uint16Array;
  /** The pages that are in memory: from this one to before that one. */
  #first = 0;
  #end = 0;

  constructor(fd: number, pageBytes: number) {
    this.#fd = fd;
    this.pageBytes = pageBytes;
    const memory = new ArrayBuffer(Math.max(WINDOW_BYTES, pageBytes));
    this.#bytes = Buffer.from(memory);
    this.#words = new Uint16Array(memory);
  }

  /** The page with a number; undefined when the file ends before it does. */
  page(number: number): Page | undefined {
    if (number < this.#first || number >= this.#end) this.#read(number);
    if (number >= this.#end) return undefined;
    const at = (number - this.#first) * this.pageBytes;
    return { number, bytes: this.#bytes, words: this.#words, at };
  }

  /** `length` bytes from `at` on in the file; undefined when it ends before. */
  bytes(at: number, length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    return readSync(this.#fd, bytes, 0, length, at) === length ? bytes : undefined;
  }

  #read(first: number): void {
    const read = readSync(this.#fd, this.#bytes, 0, this.#bytes.length, first * this.pageBytes);
    this.#first = first;
    this.#end = first + Math.floor(read / this.pageBytes);
  }
}
