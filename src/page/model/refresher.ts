/** Reads services again of which the stream did not tell everything: a few a second, whatever happens. */
import { type Api, ApiFault, servicePath } from '../api/client.ts';
import type { Service } from '../api/shapes.ts';
import type { Book } from './book.ts';

/** Pause between two of them. */
const PAUSE_MS = 250;
/** Those that wait (invariant 10); when more would, the list is read anew. */
const MAX_WANTED = 200;

export class Refresher {
  readonly #api: Api;
  readonly #book: Book;
  readonly #readAll: () => Promise<void>;
  readonly #wanted = new Set<string>();
  #overflowed = false;
  #running = false;

  /** @param readAll reads the whole list */
  constructor(api: Api, book: Book, readAll: () => Promise<void>) {
    this.#api = api;
    this.#book = book;
    this.#readAll = readAll;
  }

  /** Reads this service again, soon. */
  want(id: string): void {
    if (this.#wanted.size < MAX_WANTED) this.#wanted.add(id);
    else this.#overflowed = true;
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  async #run(): Promise<void> {
    while (this.#wanted.size > 0) {
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
      if (this.#overflowed) {
        this.#overflowed = false;
        this.#wanted.clear();
        await this.#readAll();
      }
      for (const id of [...this.#wanted].slice(0, 1)) {
        this.#wanted.delete(id);
        await this.#read(id);
      }
    }
  }

  async #read(id: string): Promise<void> {
    try {
      this.#book.put(await this.#api.get<Service>(servicePath(id)));
    } catch (error) {
      if (!(error instanceof ApiFault)) throw error;
      if (error.code === '0001') this.#book.remove(id);
    }
  }
}
