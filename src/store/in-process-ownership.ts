import type { Ownership } from './ownership.ts';

/** Ownership among the gateways of one process: first come, until released. Claims do not expire. */
export class InProcessOwnership implements Ownership {
  readonly #owners = new Map<string, string>();

  claim(id: string, owner: string): boolean {
    const present = this.#owners.get(id);
    if (present !== undefined) return present === owner;
    this.#owners.set(id, owner);
    return true;
  }

  renew(id: string, owner: string): boolean {
    return this.#owners.get(id) === owner;
  }

  release(id: string, owner: string): void {
    if (this.#owners.get(id) === owner) this.#owners.delete(id);
  }

  ownerOf(id: string): string | undefined {
    return this.#owners.get(id);
  }
}
