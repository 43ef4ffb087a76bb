/** Short messages at the foot of the page, and what screen readers are told without one. */
import { h } from './dom.ts';

const SHOWN_MS = 6000;

export class Notices {
  readonly element: HTMLElement;
  readonly #visible = h('div', { class: 'notice', attributes: { role: 'status', hidden: true } });
  readonly #spoken = h('div', { class: 'unseen', attributes: { 'aria-live': 'polite' } });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element = h('div', {}, this.#visible, this.#spoken);
  }

  /** Shows a sentence for a while. */
  show(text: string, kind: 'plain' | 'fault' = 'plain'): void {
    clearTimeout(this.#timer);
    this.#visible.textContent = text;
    this.#visible.classList.toggle('fault', kind === 'fault');
    this.#visible.hidden = false;
    this.#timer = setTimeout(() => {
      this.#visible.hidden = true;
    }, SHOWN_MS);
  }

  /** Only said, to those who do not see the picture change. */
  say(text: string): void {
    this.#spoken.textContent = text;
  }
}
