/** What has been opened, to be closed in the opposite order. */

export class Closing {
  readonly #steps: (() => unknown)[] = [];
  #closed: Promise<void> | null = null;

  /** Another part is open: this closes it. Call it before the part can do anything. */
  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Closes every part, whatever becomes of the others. Idempotent. @throws the first error of a part, when all are closed */
  close(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    const faults: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
