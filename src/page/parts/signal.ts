/** Something that others may want to hear of. */

export type Unsubscribe = () => void;

export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** @returns what ends the subscription */
  subscribe(listener: (value: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
