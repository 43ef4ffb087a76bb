/**
 * The bounded gate every start passes (`maxConcurrentStarts`): a hundred services that start at once take turns.
 * Services somebody waits for go first, then the others, each in order of arrival.
 */
export class StartGate {
  readonly #permits: number;
  readonly #waiting = new Map<string, { urgent: boolean; grant: () => void }>();
  /** Granted to whom; true once the start claimed it. */
  readonly #granted = new Map<string, boolean>();

  /** @param permits starts that may be under way at once, ≥ 1 */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /** Starts under way or about to be. */
  get inUse(): number {
    return this.#granted.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Queues for a permit; `grant` is called once, possibly at once. */
  enter(id: string, urgent: boolean, grant: () => void): void {
    this.#waiting.set(id, { urgent, grant });
    this.#admit();
  }

  /** Somebody now waits for this service. */
  promote(id: string): void {
    const place = this.#waiting.get(id);
    if (place) place.urgent = true;
  }

  /** The start has begun and holds its permit until `release`. */
  claim(id: string): void {
    this.#granted.set(id, true);
  }

  /** Leaves the queue. A permit that was granted but is not claimed within this turn goes back. */
  leave(id: string): void {
    this.#waiting.delete(id);
    queueMicrotask(() => {
      if (this.#granted.get(id) === false) this.release(id);
    });
  }

  /** The start is over, and undone if it failed; the next in line may begin. */
  release(id: string): void {
    if (this.#granted.delete(id)) this.#admit();
  }

  #admit(): void {
    while (this.#granted.size < this.#permits) {
      const next = this.#next();
      if (next === undefined) return;
      const [id, { grant }] = next;
      this.#waiting.delete(id);
      this.#granted.set(id, false);
      grant();
    }
  }

  #next() {
    let first: [string, { urgent: boolean; grant: () => void }] | undefined;
    for (const place of this.#waiting) {
      if (this.#granted.has(place[0])) continue; // its earlier start is still being undone
      if (place[1].urgent) return place;
      first ??= place;
    }
    return first;
  }
}
