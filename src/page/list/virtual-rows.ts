/** A long list of which only what can be seen exists: a hundred thousand services cost as many elements as fit on the page. */
import { h } from '../parts/dom.ts';
import { soon } from '../parts/ticker.ts';

/** Rows beyond the visible ones, so that scrolling does not show gaps. */
const SPARE = 6;

export interface RowElement<T> {
  readonly element: HTMLElement;
  /** Shows an item. @param index its place in the whole list */
  show(item: T, index: number): void;
}

export class VirtualRows<T> {
  /** What scrolls. */
  readonly element: HTMLElement;
  readonly #space = h('div', { class: 'space', attributes: { role: 'presentation' } });
  readonly #make: () => RowElement<T>;
  readonly #rows: RowElement<T>[] = [];
  #items: readonly T[] = [];
  #first = 0;
  #rowHeight = 32;
  #scheduled = false;

  /** @param head stands above the rows and does not scroll away */
  constructor(head: HTMLElement, make: () => RowElement<T>) {
    this.#make = make;
    this.element = h('div', { class: 'rows', attributes: { role: 'presentation' } }, head, this.#space);
    this.element.addEventListener('scroll', () => this.#later(), { passive: true });
    new ResizeObserver(() => this.#later()).observe(this.element);
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** The items that can be seen, or nearly. */
  get visible(): readonly T[] {
    return this.#items.slice(this.#first, this.#first + this.#rows.length);
  }

  /** How many whole rows fit. */
  get pageSize(): number {
    return Math.max(1, Math.floor(this.#viewHeight() / this.#rowHeight) - 1);
  }

  show(items: readonly T[]): void {
    this.#items = items;
    this.#later();
  }

  /** Draws again what can be seen. */
  refresh(): void {
    this.#later();
  }

  /** Scrolls as little as needed to bring an item into view, and draws it at once. */
  reveal(index: number): void {
    const top = index * this.#rowHeight;
    const { scrollTop } = this.element;
    const height = this.#viewHeight();
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + height) {
      this.element.scrollTop = top + this.#rowHeight - height;
    }
    this.#draw();
  }

  #viewHeight(): number {
    return this.element.clientHeight - this.#space.offsetTop;
  }

  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    soon(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    this.#rowHeight = Number.parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || 32;
    this.#space.style.height = `${this.#items.length * this.#rowHeight}px`;
    const fitting = Math.ceil(this.#viewHeight() / this.#rowHeight) + 2 * SPARE;
    const shown = Math.min(fitting, this.#items.length);
    const wished = Math.floor(this.element.scrollTop / this.#rowHeight) - SPARE;
    this.#first = Math.max(0, Math.min(wished, this.#items.length - shown));
    while (this.#rows.length < shown) this.#add();
    while (this.#rows.length > shown) this.#rows.pop()?.element.remove();
    this.#rows.forEach((row, n) => {
      const index = this.#first + n;
      const item = this.#items[index];
      if (item === undefined) return;
      row.element.style.transform = `translateY(${index * this.#rowHeight}px)`;
      row.show(item, index);
    });
  }

  #add(): void {
    const row = this.#make();
    this.#rows.push(row);
    this.#space.append(row.element);
  }
}
