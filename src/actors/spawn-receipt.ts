/** What a start waits for between its spawn and the first use of the process: that the spawn is on record (invariant 7). */
export class SpawnReceipt {
  #pending: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #confirmed = false;

  /** The spawn is on record. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Resolves when the spawn that is being reported is on record. @throws {Error} when it cannot be, or the start is aborted */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = () => reject(new Error('closed while it started'));
      if (signal.aborted) return abandon();
      signal.addEventListener('abort', abandon, { once: true });
      this.#pending = { resolve, reject };
    });
  }

  confirm(): void {
    this.#confirmed = true;
    this.#pending?.resolve();
  }

  /** The spawn could not be recorded: the start fails and its process is ended. */
  refuse(error: Error): void {
    this.#pending?.reject(error);
  }
}
