/** Fills the book: page by page at first, then what the stream could not tell, a few services a second. */
import { type Api, ApiFault, servicePath } from '../api/client.ts';
import type { Page, Service } from '../api/shapes.ts';
import { Signal } from '../parts/signal.ts';
import type { Book } from './book.ts';

const PAGE_SIZE = 200;
/** Services that are listed (invariant 10); who has more finds the others by their address. */
const MAX_SERVICES = 200_000;
/** Pause between two services that are read again. */
const PAUSE_MS = 250;
/** When so many are wanted, reading the list is cheaper. */
const TOO_MANY = 40;

export interface Loading {
  readonly done: boolean;
  readonly loaded: number;
  /** What went wrong, as the gateway said it. */
  readonly fault: ApiFault | null;
}

export class Loader {
  readonly progress = new Signal<Loading>();
  readonly #api: Api;
  readonly #book: Book;
  readonly #wanted = new Set<string>();
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, book: Book) {
    this.#api = api;
    this.#book = book;
  }

  /** Reads the whole list; those who ask meanwhile get the same. */
  load(): Promise<void> {
    this.#running ??= this.#readAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Reads one service again, soon. */
  want(id: string): void {
    this.#wanted.add(id);
    this.#timer ??= setTimeout(() => void this.#next(), PAUSE_MS);
  }

  async #readAll(): Promise<void> {
    const seen = new Set<string>();
    try {
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Page<Service> = await this.#api.get(`services?limit=${PAGE_SIZE}${after}`);
        for (const service of page.items) {
          seen.add(service.id);
          this.#book.put(service);
        }
        cursor = page.nextCursor;
        this.progress.emit({ done: cursor === null, loaded: seen.size, fault: null });
      } while (cursor !== null && seen.size < MAX_SERVICES);
      if (cursor === null) this.#book.keepOnly(seen);
    } catch (error) {
      if (!(error instanceof ApiFault)) throw error;
      this.progress.emit({ done: true, loaded: seen.size, fault: error });
    }
  }

  async #next(): Promise<void> {
    if (this.#wanted.size > TOO_MANY) {
      this.#wanted.clear();
      await this.load();
    }
    const [id] = this.#wanted;
    if (id !== undefined) {
      this.#wanted.delete(id);
      await this.#read(id);
    }
    this.#timer = undefined;
    const [another] = this.#wanted;
    if (another !== undefined) this.want(another);
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
