/** The last lines that ended backends wrote to stderr, of the services that ended last. */
export class LastWords {
  /** Oldest end first. */
  readonly #lines = new Map<string, readonly string[]>();
  readonly #maxServices: number;

  /** @param maxServices bound of the services remembered; each has the lines its backend's tail had */
  constructor(maxServices: number) {
    this.#maxServices = maxServices;
  }

  /** Empty when nothing is remembered. */
  of(id: string): readonly string[] {
    return this.#lines.get(id) ?? [];
  }

  keep(id: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#lines.delete(id);
    this.#lines.set(id, lines);
    const [oldest] = this.#lines.size > this.#maxServices ? this.#lines.keys() : [];
    if (oldest !== undefined) this.#lines.delete(oldest);
  }

  forget(id: string): void {
    this.#lines.delete(id);
  }
}
