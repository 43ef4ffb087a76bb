/** A table by JSON-RPC id, in which 1 and "1" are two. See README.md for what it is for. */
import { IntTable } from './int-table.ts';

type TextTable<V> = Record<string, V>;

export class IdTable<V> {
  /** Made when needed: of many sessions no call is under way. */
  #byInteger: IntTable<V> | null = null;
  /** By all other ids; of calls they are rare. */
  #byText: TextTable<V> | null = null;
  #texts = 0;

  get size(): number {
    return (this.#byInteger?.size ?? 0) + this.#texts;
  }

  get(id: number | string): V | undefined {
    return isSmall(id) ? this.#byInteger?.get(id) : this.#byText?.[textOf(id)];
  }

  has(id: number | string): boolean {
    return this.get(id) !== undefined;
  }

  set(id: number | string, value: V): void {
    if (isSmall(id)) {
      this.#byInteger ??= new IntTable();
      this.#byInteger.set(id, value);
    } else {
      this.#byText ??= Object.create(null) as TextTable<V>;
      const text = textOf(id);
      if (this.#byText[text] === undefined) this.#texts++;
      this.#byText[text] = value;
    }
  }

  /** Takes an entry out; undefined when there is none. */
  take(id: number | string): V | undefined {
    if (isSmall(id)) return this.#byInteger?.take(id);
    const text = textOf(id);
    const value = this.#byText?.[text];
    if (value === undefined) return undefined;
    delete this.#byText?.[text];
    this.#texts--;
    return value;
  }

  /** All values, as of now, in no order. */
  values(): V[] {
    return [...(this.#byInteger?.values() ?? []), ...Object.values(this.#byText ?? {})];
  }
}

/** Whether it is a whole number from 0 up to 2^31. */
function isSmall(id: number | string): id is number {
  return typeof id === 'number' && (id & 0x7fffffff) === id;
}

const textOf = (id: number | string): string => (typeof id === 'number' ? `${id}` : `"${id}`);
