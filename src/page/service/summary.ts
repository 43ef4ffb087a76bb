/** A service in two lines: its state and why it is in it; what comes next, or which moment of the past this is. */
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
  readonly #why = h('span', {});
  readonly #then = h('span', {});
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
    const why = h('p', { class: 'why' }, this.#state.element, this.#why);
    this.element = h('div', { class: 'summary' }, why, h('p', { class: 'then' }, this.#then, this.#back));
  }

  tell(told: Told, chart: Chart): void {
    const { state, why, at } = told;
    this.#told = told;
    this.#state.show(state, chart);
    this.#back.hidden = at === null;
    // Most sentences begin with the state, which is there already.
    setText(this.#why, why.startsWith(state) ? why.slice(state.length) : ` ${why}`);
    this.tick(Date.now());
  }

  /** Counts on. @param now epoch ms */
  tick(now: number): void {
    if (this.#told === null) return;
    const { at, next } = this.#told;
    if (at !== null) setText(this.#then, `At ${moment(at, now)}, ${duration(now - at)} ago`);
    else setText(this.#then, next === null ? '' : `${next.what}${inTime(next.at, now)}`);
  }
}

function inTime(at: string | null, now: number): string {
  if (at === null) return '';
  const leftMs = Date.parse(at) - now;
  // Rounded up: a countdown that shows 0 has ended.
  return leftMs > 0 ? ` · in ${duration(leftMs + 999)}` : ' · now';
}
