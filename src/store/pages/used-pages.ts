/** Which pages of a file have a use; one bit each. */
export class UsedPages {
  readonly #lastPage: number;
  readonly #bits: Uint8Array;

  constructor(lastPage: number) {
    this.#lastPage = lastPage;
    this.#bits = new Uint8Array(Math.ceil((lastPage + 1) / 8));
  }

  /** Notes that a page has its use. Says what is wrong with that; null when nothing is. */
  add(number: number): string | null {
    if (!(number >= 2 && number <= this.#lastPage)) return `there is no page ${number}`;
    const index = Math.floor(number / 8);
    const bit = 1 << (number % 8);
    const bits = this.#bits[index] ?? 0;
    this.#bits[index] = bits | bit;
    return (bits & bit) === 0 ? null : `page ${number} has two uses`;
  }
}
