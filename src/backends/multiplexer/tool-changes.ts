/** Who wants to know that the backend's list of tools may be another one. */
export type ToolListener = (announced: boolean) => void;

export class ToolChanges {
  readonly #listeners = new Set<ToolListener>();
  #revision = 0;

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** @param announced the backend has told its clients */
  changed(announced: boolean): void {
    this.#revision++;
    for (const listener of this.#listeners) listener(announced);
  }

  /** Tells `listener` of every change until the returned call. */
  listen(listener: ToolListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
