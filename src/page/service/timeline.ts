/** What happened to a service, newest first, each event with its cause. */
import type { EventRecord } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import type { History } from '../model/history.ts';
import { h } from '../parts/dom.ts';
import { messageOf } from '../parts/message-of.ts';
import { clock, day, interval } from '../parts/words.ts';

export interface TimelineOptions {
  readonly history: History;
  chart(): Chart;
  /** An event was chosen, by its index in the history. */
  choose(index: number): void;
  /** Asks for events before those that are known. */
  loadEarlier(): Promise<void>;
}

export class Timeline {
  readonly element: HTMLElement;
  readonly #options: TimelineOptions;
  readonly #list = h('ol', { attributes: { 'aria-label': 'Events, newest first' } });
  readonly #more: HTMLButtonElement;
  readonly #entries = new Map<number, HTMLElement>();
  #current: HTMLElement | null = null;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#more = h('button', {
      class: 'quiet',
      text: 'Earlier events',
      attributes: { type: 'button', hidden: true },
      on: { click: () => void this.#loadMore() },
    });
    this.element = h('div', { class: 'timeline', attributes: { hidden: true } }, this.#list, this.#more);
    this.#list.addEventListener('keydown', event => this.#key(event));
    this.#list.addEventListener('click', event => this.#choose(event.target as Element));
    options.history.changed.subscribe(() => this.#update());
  }

  /** Marks the event whose consequence is shown; null: none, the present is. */
  mark(index: number | null): void {
    const record = index === null ? undefined : this.#options.history.records[index];
    const entry = record === undefined ? null : (this.#entries.get(record.seq) ?? null);
    if (entry === this.#current) return;
    this.#current?.removeAttribute('aria-current');
    this.#current = entry;
    entry?.setAttribute('aria-current', 'true');
    if (entry !== null) scrollIntoList(entry, this.element);
  }

  #update(): void {
    const { records, isComplete } = this.#options.history;
    this.element.hidden = records.length === 0;
    this.#more.hidden = isComplete;
    const known = new Set(records.map(({ seq }) => seq));
    for (const [seq, entry] of this.#entries) {
      if (known.has(seq)) continue;
      entry.parentElement?.remove();
      this.#entries.delete(seq);
    }
    let below: Element | null = this.#list.firstElementChild;
    for (let n = records.length - 1; n >= 0; n--) below = this.#place(records, n, below);
    this.#rove(this.#list.querySelector<HTMLElement>('[tabindex="0"]') ?? this.#first());
  }

  /** Sees to it that a record's entry is before `below`. @returns what follows it */
  #place(records: readonly EventRecord[], index: number, below: Element | null): Element | null {
    const record = records[index];
    if (record === undefined) return below;
    const there = this.#entries.get(record.seq);
    if (there !== undefined) return there.parentElement?.nextElementSibling ?? null;
    const button = this.#entry(record, records[index - 1]);
    this.#entries.set(record.seq, button);
    this.#list.insertBefore(h('li', {}, button), below);
    return below;
  }

  #entry(record: EventRecord, before: EventRecord | undefined): HTMLElement {
    const at = Date.parse(record.at);
    const pause = before === undefined ? '' : `+${interval(at - Date.parse(before.at))}`;
    const chart = this.#options.chart();
    return h(
      'button',
      { class: `event hue-${chart.hue(record.to)}`, attributes: { type: 'button', tabindex: -1 } },
      h('time', { text: clock(at), attributes: { datetime: record.at, title: day(at) } }),
      h('span', { class: 'pause', text: pause }),
      h('span', { class: 'what' }, h('b', { text: record.event.type }), ` → ${record.to}`),
      h('span', { class: 'cause', text: record.cause }),
    );
  }

  async #loadMore(): Promise<void> {
    this.#more.disabled = true;
    try {
      await this.#options.loadEarlier();
      this.#more.textContent = 'Earlier events';
    } catch (error) {
      this.#more.textContent = `Earlier events: ${messageOf(error)} Try again`;
    } finally {
      this.#more.disabled = false;
    }
  }

  #first(): HTMLElement | null {
    return this.#list.querySelector<HTMLElement>('button');
  }

  /** The list is one stop of the tab key; arrows go through its entries. */
  #rove(entry: HTMLElement | null): void {
    for (const other of this.#list.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    entry?.setAttribute('tabindex', '0');
  }

  #key(event: KeyboardEvent): void {
    const item = (event.target as Element).closest('li');
    const target = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
    const button = target?.querySelector<HTMLElement>('button');
    if (!button) return;
    event.preventDefault();
    this.#rove(button);
    button.focus();
  }

  #choose(target: Element): void {
    const button = target.closest<HTMLElement>('.event');
    if (button === null) return;
    this.#rove(button);
    const { records } = this.#options.history;
    this.#options.choose(records.findIndex(({ seq }) => this.#entries.get(seq) === button));
  }
}

/** Scrolls the list alone, never the page under the reader's hands. */
function scrollIntoList(entry: HTMLElement, list: HTMLElement): void {
  const box = entry.getBoundingClientRect();
  const around = list.getBoundingClientRect();
  if (box.top < around.top) list.scrollTop += box.top - around.top;
  else if (box.bottom > around.bottom) list.scrollTop += box.bottom - around.bottom;
}
