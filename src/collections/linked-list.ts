/** A place in a list; it is good for one removal. */
export interface Place<T> {
  readonly value: T;
  previous: Place<T> | null;
  next: Place<T> | null;
}

/** Values in the order in which they were added, each of which can leave at any time. See README.md for what it is for. */
export class LinkedList<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value that has been in here for longest; undefined when there is none. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  add(value: T): Place<T> {
    const place: Place<T> = { value, previous: this.#last, next: null };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  /** @param place of this list, and not removed before */
  remove(place: Place<T>): void {
    const { previous, next } = place;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    // What has left keeps nothing alive that has not.
    place.previous = null;
    place.next = null;
    this.#size--;
  }

  /** Values may leave meanwhile, but for the one at hand before the next is asked for. */
  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#first; place !== null; place = place.next) yield place.value;
  }

  /** All values, as of now. */
  toArray(): T[] {
    return [...this];
  }
}
