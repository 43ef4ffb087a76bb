/** The list of services: search, filters, order, keys. */
import type { Book, Change, Row } from '../model/book.ts';
import type { Chart } from '../model/chart.ts';
import type { Loading } from '../model/loader.ts';
import { arrange, EVERYTHING, isVolatile, type Wish } from '../model/order.ts';
import { h, setAttributes, setText } from '../parts/dom.ts';
import { beat } from '../parts/ticker.ts';
import { listHead } from './head.ts';
import { listKeys } from './keys.ts';
import { noteOn, whyEmpty } from './notes.ts';
import { rowElement, rowId } from './row.ts';
import { type Toolbar, toolbar } from './toolbar.ts';
import { VirtualRows } from './virtual-rows.ts';

/** The order is found anew at most so often, and never takes more than a twentieth of the time. */
const LEAST_PAUSE_MS = 250;
const PAUSE_FACTOR = 20;

export interface ListOptions {
  readonly book: Book;
  readonly chart: Chart;
  open(id: string): void;
  /** Somebody looks for something that may not have been read yet. */
  seek(wish: Wish): void;
}

export class List {
  readonly element: HTMLElement;
  readonly #options: ListOptions;
  readonly #rows: VirtualRows<Row>;
  readonly #head = listHead(part => this.#wish(part));
  readonly #grid: HTMLElement;
  readonly #empty = h('p', { class: 'empty', attributes: { hidden: true } });
  readonly #toolbar: Toolbar;
  #now: Wish = EVERYTHING;
  #loading: Loading | null = null;
  #active: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = LEAST_PAUSE_MS;

  constructor(options: ListOptions) {
    this.#options = options;
    const { book, chart } = options;
    const active = () => this.#active;
    const open = (id: string) => {
      this.activate(id);
      options.open(id);
    };
    this.#rows = new VirtualRows(this.#head.element, () => rowElement({ chart, active, open }));
    this.#toolbar = toolbar(chart, part => this.#wish(part));
    this.#grid = h(
      'div',
      { class: 'grid', attributes: { role: 'grid', tabindex: 0, 'aria-label': 'Services' } },
      this.#rows.element,
    );
    this.element = h('section', { class: 'list' }, this.#toolbar.element, this.#grid, this.#empty);
    this.#grid.addEventListener(
      'keydown',
      listKeys({
        length: () => this.#rows.items.length,
        pageSize: () => this.#rows.pageSize,
        index: () => this.#index(),
        move: index => this.activate(this.#rows.items[index]?.id ?? null),
        open: () => this.#active !== null && options.open(this.#active),
      }),
    );
    this.#toolbar.search.addEventListener('keydown', event => this.#leaveSearch(event));
    book.changed.subscribe(change => this.#changed(change));
    beat.subscribe(() => this.#rows.refresh());
    this.#arrange();
  }

  /** Rows on the screen. */
  get visible(): readonly Row[] {
    return this.#rows.visible;
  }

  focusSearch(): void {
    this.#toolbar.search.focus();
    this.#toolbar.search.select();
  }

  focusRows(): void {
    this.#grid.focus();
  }

  /** How far the list has been read. */
  tell(loading: Loading): void {
    this.#loading = loading;
    const { text, title } = noteOn(loading);
    this.#toolbar.note(text, title);
    this.#showEmpty();
  }

  /** Puts the keys at a service and shows its row. */
  activate(id: string | null): void {
    this.#active = id;
    const index = this.#index();
    if (index >= 0) this.#rows.reveal(index);
    this.#point(index);
    this.#rows.refresh();
  }

  /** Tells those who cannot see it which row the keys are at. */
  #point(index: number): void {
    setAttributes(this.#grid, { 'aria-activedescendant': index >= 0 ? rowId(index) : null });
  }

  /** From the search down into what it found. */
  #leaveSearch(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    this.activate(this.#rows.items[0]?.id ?? null);
    this.focusRows();
  }

  #index(): number {
    return this.#rows.items.findIndex(({ id }) => id === this.#active);
  }

  #wish(part: Partial<Wish>): void {
    this.#now = { ...this.#now, ...part };
    this.#options.seek(this.#now);
    this.#arrange();
  }

  #changed({ membership }: Change): void {
    this.#toolbar.show(this.#now, this.#options.book.counts);
    if (membership || isVolatile(this.#now)) {
      this.#timer ??= setTimeout(() => this.#arrange(), this.#pauseMs);
    }
    this.#rows.refresh();
  }

  #arrange(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { book } = this.#options;
    const begin = performance.now();
    const items = arrange(book.rows.values(), this.#now);
    this.#pauseMs = Math.max(LEAST_PAUSE_MS, PAUSE_FACTOR * (performance.now() - begin));
    this.#rows.show(items);
    this.#point(this.#index());
    this.#head.show(this.#now);
    this.#toolbar.show(this.#now, book.counts);
    setAttributes(this.#grid, { 'aria-rowcount': items.length + 1 });
    this.#showEmpty();
  }

  #showEmpty(): void {
    const { rows } = this.#options.book;
    this.#empty.hidden = this.#rows.items.length > 0;
    setText(
      this.#empty,
      rows.size > 0 ? 'No service fits the search and the filters.' : whyEmpty(this.#loading),
    );
  }
}
