/**
 * Fills the book: the first services at once, the others as slowly as does not disturb the gateway, and what somebody looks for
 * meanwhile when it is looked for.
 */
import { type Api, ApiFault } from '../api/client.ts';
import { Signal } from '../parts/signal.ts';
import type { Book } from './book.ts';
import type { Wish } from './order.ts';
import { Pages } from './pages.ts';

/** Services that are listed (invariant 10); who has more finds the others by searching. */
const MAX_SERVICES = 200_000;
/** What one search may add to the list. */
const MAX_FOUND = 1000;

export interface Loading {
  /** Everything there is has been read. */
  readonly done: boolean;
  readonly loaded: number;
  /** Services the gateway cannot read: why, by id. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** What went wrong, as the gateway said it. */
  readonly fault: ApiFault | null;
}

export class Loader {
  readonly progress = new Signal<Loading>();
  readonly #book: Book;
  readonly #pages: Pages;
  #reading = new AbortController();
  #seeking = new AbortController();
  #complete = false;

  constructor(api: Api, book: Book) {
    this.#book = book;
    this.#pages = new Pages(api, book);
  }

  /** Whether the book has every service. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** Reads the whole list from its beginning; an earlier reading that is under way is given up. */
  async load(): Promise<void> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const seen = new Set<string>();
    const unreadable = new Map<string, string>();
    const tell = (done: boolean, fault: ApiFault | null = null) =>
      this.progress.emit({ done, loaded: seen.size, unreadable, fault });
    try {
      await this.#pages.read({}, signal, page => {
        for (const { id } of page.items) seen.add(id);
        for (const { id, reason } of page.unreadable ?? []) unreadable.set(id, reason);
        tell(page.nextCursor === null);
        return seen.size < MAX_SERVICES;
      });
      this.#complete = seen.size < MAX_SERVICES;
      if (this.#complete) this.#book.keepOnly(seen);
    } catch (error) {
      if (!signal.aborted) tell(true, faultOf(error));
    }
  }

  /** Asks for what is looked for, as long as it may be among the services that are not read yet. */
  async seek({ text, states, type }: Wish): Promise<void> {
    this.#seeking.abort();
    if (this.#complete || (text.trim() === '' && states.size === 0 && type === null)) return;
    this.#seeking = new AbortController();
    const { signal } = this.#seeking;
    const [word = ''] = text
      .trim()
      .split(/\s+/)
      .sort((a, b) => b.length - a.length);
    const filters = { ...(word !== '' && { q: word }), ...(type !== null && { type }) };
    let found = 0;
    try {
      for (const state of states.size === 0 ? [null] : states) {
        await this.#pages.read({ ...filters, ...(state !== null && { state }) }, signal, ({ items }) => {
          found += items.length;
          return found < MAX_FOUND;
        });
      }
    } catch (error) {
      // What is there already is shown; the list tells of the fault if it meets it, too.
      if (!signal.aborted) faultOf(error);
    }
  }
}

/** @throws what is no refusal: a mistake of the page itself */
function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  throw error;
}
