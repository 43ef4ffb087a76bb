/** What a client may rely on of its services, by what it asked for and what it was told. */
import type { ServiceType } from '../../src/actors/services.ts';

/** A registration: `version` is that of its config, which no other has. null: there is none. */
export type Registration = { readonly type: ServiceType; readonly version: number } | null;

export class Expectations {
  /** Services that were there before, and that nobody does anything to. */
  readonly untouched = new Set<string>();
  readonly #possible = new Map<string, readonly Registration[]>();
  /** Registrations under ids of the gateway's choice whose answer has not come, or never came. */
  readonly #nameless = new Map<number, ServiceType>();

  /** Every id that was ever asked for. */
  get ids(): string[] {
    return [...this.#possible.keys()];
  }

  /** What may be there: one thing, unless a command got no answer. */
  possible(id: string): readonly Registration[] {
    return this.#possible.get(id) ?? [null];
  }

  /** A command is about to be sent; the returned call says that it was acknowledged. */
  ask(id: string, wanted: Registration): () => void {
    this.#possible.set(id, [...this.possible(id), wanted]);
    return () => this.settle(id, wanted);
  }

  /** What is there is known for certain. */
  settle(id: string, found: Registration): void {
    this.#possible.set(id, [found]);
  }

  /** The same for a registration under an id of the gateway's choice: its id, or null when it was refused. */
  askNameless(type: ServiceType, version: number): (id: string | null) => void {
    this.#nameless.set(version, type);
    return id => {
      this.#nameless.delete(version);
      if (id !== null) this.settle(id, { type, version });
    };
  }

  /** Nameless registrations that may be there, under whatever id. */
  get nameless(): ReadonlyMap<number, ServiceType> {
    return this.#nameless;
  }
}
