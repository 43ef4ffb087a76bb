/** Reads services page by page into the book. */
import { type Api, ApiFault } from '../api/client.ts';
import type { Page, Service } from '../api/shapes.ts';
import type { Book } from './book.ts';

const PAGE_SIZE = 200;
/** Services that are read without a pause. */
const EAGER = 2000;
/** After that the page waits so many times longer than the gateway took: it has other things to do. */
const REST_FACTOR = 8;
/** Pause when the gateway has too much to do and does not say for how long. */
const TOO_MUCH_MS = 2000;

export interface ServicePage extends Page<Service> {
  /** Services of which the gateway's log has nothing that can be used. */
  readonly unreadable?: readonly { readonly id: string; readonly reason: string }[];
}

export class Pages {
  readonly #api: Api;
  readonly #book: Book;

  constructor(api: Api, book: Book) {
    this.#api = api;
    this.#book = book;
  }

  /**
   * Puts page after page into the book, until there is none, or `more` says that it is enough.
   * @throws {ApiFault} the gateway refused @throws the reason of the signal
   */
  async read(
    filters: Readonly<Record<string, string>>,
    signal: AbortSignal,
    more: (page: ServicePage) => boolean,
  ): Promise<void> {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...filters });
    let count = 0;
    for (;;) {
      const begin = performance.now();
      const page = await this.#page(query, signal);
      for (const service of page.items) this.#book.put(service);
      count += page.items.length;
      if (!more(page) || page.nextCursor === null) return;
      query.set('cursor', page.nextCursor);
      if (count >= EAGER) await pause(REST_FACTOR * (performance.now() - begin));
      signal.throwIfAborted();
    }
  }

  /** One page, as often as the gateway says that it has too much to do just now. */
  async #page(query: URLSearchParams, signal: AbortSignal): Promise<ServicePage> {
    for (;;) {
      try {
        return await this.#ask(query, signal);
      } catch (error) {
        if (!(error instanceof ApiFault && error.isTooMuch)) throw error;
        await pause(error.retryAfterMs ?? TOO_MUCH_MS);
        signal.throwIfAborted();
      }
    }
  }

  async #ask(query: URLSearchParams, signal: AbortSignal): Promise<ServicePage> {
    const headers = { accept: 'application/json' };
    const response = await this.#api.request(`services?${query}`, { headers, signal });
    const { data } = (await response.json()) as { data: ServicePage };
    signal.throwIfAborted();
    return data;
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
