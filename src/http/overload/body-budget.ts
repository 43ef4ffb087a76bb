/**
 * The memory that bodies of requests may take, all together. Each is bounded by `maxBodyBytes`, but as many may come as there
 * are connections, and each is kept until its request is answered.
 */

/** Smaller bodies are not worth the count: the bound on connections holds them. */
export const SMALL_BODY_BYTES = 64 * 1024;

export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of bodies whose requests are not answered yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many more have room now. One body always has while there is none. */
  hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#maxBytes;
  }

  /** False, and nothing taken, when they are too many. @param own bytes that the same body has taken before */
  take(bytes: number, own: number): boolean {
    if (this.#bytes > own && this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}
