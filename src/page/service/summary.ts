/** A service in words: its state, why it is in it, and what comes next. */
import type { ServiceDetail } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import { h, setText } from '../parts/dom.ts';
import { stateMark } from '../parts/state-mark.ts';
import { duration, moment } from '../parts/words.ts';

/** What the summary tells of one moment. */
export interface Told {
  readonly state: string;
  readonly why: string;
  readonly next: ServiceDetail['next'];
  /** Epoch ms of a past moment; null: the present. */
  readonly at: number | null;
}

export class Summary {
  readonly element: HTMLElement;
  readonly #state = stateMark();
  readonly #when = h('span', { class: 'when' });
  readonly #why = h('span', {});
  readonly #next = h('span', { class: 'next' });
  readonly #back: HTMLButtonElement;
  #told: Told | null = null;

  /** @param back leads from the past to the present */
  constructor(back: () => void) {
    this.#back = h('button', {
      class: 'quiet',
      text: 'Back to now',
      attributes: { type: 'button', hidden: true, 'aria-keyshortcuts': 'Escape' },
      on: { click: back },
    });
    const head = h('div', { class: 'now' }, this.#state.element, this.#when, this.#back);
    const words = h('p', { class: 'why' }, this.#why, ' ', this.#next);
    this.element = h('div', { class: 'summary' }, head, words);
  }

  tell(told: Told, chart: Chart): void {
    this.#told = told;
    this.#state.show(told.state, chart);
    this.#back.hidden = told.at === null;
    setText(this.#why, told.why);
    this.tick(Date.now());
  }

  /** Counts on. @param now epoch ms */
  tick(now: number): void {
    if (this.#told === null) return;
    const { at, next } = this.#told;
    setText(this.#when, at === null ? '' : `at ${moment(at, now)}, ${duration(now - at)} ago`);
    setText(this.#next, next === null || at !== null ? '' : `${next.what}${inTime(next.at, now)}`);
  }
}

function inTime(at: string | null, now: number): string {
  if (at === null) return '';
  const leftMs = Date.parse(at) - now;
  // Rounded up: a countdown that shows 0 has ended.
  return leftMs > 0 ? ` In ${duration(leftMs + 999)}.` : ' Due now.';
}
