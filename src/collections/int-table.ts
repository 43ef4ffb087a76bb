/**
 * A table by whole numbers from 0 up to 2^31: open addressing with linear probing, in arrays that stay. Ten times quicker than
 * properties of an object, four times than a Map; see README.md for why not a Map.
 */
import { randomInt } from 'node:crypto';

const SMALLEST_BITS = 3;
const FREE = -1;
/** Odd, and another in each process: nobody can choose numbers that all fall on one place. */
const MULTIPLIER = randomInt(2 ** 29, 2 ** 30) * 2 + 1;

export class IntTable<V> {
  #bits = SMALLEST_BITS;
  #keys = freeKeys(SMALLEST_BITS);
  #values: (V | undefined)[] = new Array(2 ** SMALLEST_BITS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): V | undefined {
    const at = this.#find(key);
    return this.#keys[at] === FREE ? undefined : this.#values[at];
  }

  set(key: number, value: V): void {
    let at = this.#find(key);
    if (this.#keys[at] === FREE) {
      if (2 * (this.#size + 1) > this.#keys.length) {
        this.#grow();
        at = this.#find(key);
      }
      this.#size++;
      this.#keys[at] = key;
    }
    this.#values[at] = value;
  }

  /** Takes an entry out; undefined when there is none. */
  take(key: number): V | undefined {
    const at = this.#find(key);
    if (this.#keys[at] === FREE) return undefined;
    const value = this.#values[at];
    this.#close(at);
    this.#size--;
    return value;
  }

  /** All values, in no order. */
  values(): V[] {
    return this.#values.filter((_value, at) => this.#keys[at] !== FREE) as V[];
  }

  /** Where the key is, or the free place where it belongs. */
  #find(key: number): number {
    const keys = this.#keys;
    let at = this.#home(key);
    while (keys[at] !== key && keys[at] !== FREE) at = (at + 1) & (keys.length - 1);
    return at;
  }

  #home(key: number): number {
    return Math.imul(key, MULTIPLIER) >>> (32 - this.#bits);
  }

  /** Frees a place, and moves up whoever was pushed on by it: nobody behind a free place could be found. */
  #close(free: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let hole = free;
    for (let at = (hole + 1) & mask; keys[at] !== FREE; at = (at + 1) & mask) {
      const key = keys[at] as number;
      // How far it is from home, and from the hole: it may move there unless its home lies between.
      if (((at - this.#home(key)) & mask) < ((at - hole) & mask)) continue;
      keys[hole] = key;
      this.#values[hole] = this.#values[at];
      hole = at;
    }
    keys[hole] = FREE;
    this.#values[hole] = undefined;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#bits++;
    this.#keys = freeKeys(this.#bits);
    this.#values = new Array(2 ** this.#bits).fill(undefined);
    keys.forEach((key, from) => {
      if (key === FREE) return;
      const at = this.#find(key);
      this.#keys[at] = key;
      this.#values[at] = values[from];
    });
  }
}

const freeKeys = (bits: number): number[] => new Array(2 ** bits).fill(FREE);
