/** Goes through the past of a service: by pointer to any moment, by keys from event to event. */
import type { Chart } from '../model/chart.ts';
import type { History } from '../model/history.ts';
import { type Moment, Scale } from '../model/scale.ts';
import { h, setAttributes, setText } from '../parts/dom.ts';
import { moment as momentWords } from '../parts/words.ts';
import { Ribbon } from './ribbon.ts';

const PAGE = 10;

const STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 },
  ...{ PageDown: -PAGE, PageUp: PAGE, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
};

export interface SliderOptions {
  readonly history: History;
  chart(): Chart;
  /** Somebody went to a moment; null: to the present. */
  went(moment: Moment | null): void;
}

export class Slider {
  readonly element: HTMLElement;
  readonly #options: SliderOptions;
  readonly #ribbon = new Ribbon();
  readonly #oldest = h('span', {});
  readonly #input = h('input', {
    attributes: { type: 'range', min: 0, step: 'any', 'aria-label': 'Moment in the past of the service' },
  });
  #scale = new Scale([0], 0);
  /** Null: the present. */
  #moment: Moment | null = null;
  /** Number of the event that led to what the moment shows; its index changes when earlier events are loaded. */
  #seq = 0;

  constructor(options: SliderOptions) {
    this.#options = options;
    const track = h('div', { class: 'track' });
    track.append(this.#ribbon.element, this.#input);
    const ends = h('div', { class: 'ends' }, this.#oldest, h('span', { text: 'now' }));
    this.element = h('div', { class: 'slider', attributes: { hidden: true } }, track, ends);
    this.#input.addEventListener('input', () => this.#dragged());
    this.#input.addEventListener('keydown', event => this.#key(event));
    options.history.changed.subscribe(() => this.#redraw());
  }

  get moment(): Moment | null {
    return this.#moment;
  }

  /** Goes to an event of the history. */
  goTo(index: number): void {
    const at = this.#timeOf(index);
    this.#go({ index, at, exact: true });
  }

  goToPresent(): void {
    this.#go(null);
  }

  #dragged(): void {
    const position = this.#input.valueAsNumber;
    this.#go(position >= this.#scale.length ? null : this.#scale.momentAt(position));
  }

  #key(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const { length } = this.#options.history.records;
    if (step === undefined || length === 0) return;
    event.preventDefault();
    // The present is one step after the last event.
    const from = this.#moment?.index ?? length;
    const back = this.#moment !== null && !this.#moment.exact && step === -1 ? 0 : step;
    const index = Math.max(0, from + back);
    if (index >= length) this.goToPresent();
    else this.goTo(index);
  }

  #go(moment: Moment | null): void {
    this.#moment = moment;
    this.#seq = moment === null ? 0 : (this.#options.history.records[moment.index]?.seq ?? 0);
    this.#showValue();
    this.#options.went(moment);
  }

  #timeOf(index: number): number {
    return Date.parse(this.#options.history.records[index]?.at ?? '');
  }

  #redraw(): void {
    const { records } = this.#options.history;
    const [first] = records;
    this.element.hidden = first === undefined;
    if (first === undefined) return;
    const now = Date.now();
    const times = records.map(({ at }) => Date.parse(at));
    this.#scale = new Scale(times, now);
    this.#ribbon.draw(records, this.#scale, this.#options.chart());
    setAttributes(this.#input, { max: this.#scale.length });
    setText(this.#oldest, momentWords(Date.parse(first.at), now));
    if (this.#moment !== null) {
      const index = Math.max(
        0,
        records.findIndex(({ seq }) => seq === this.#seq),
      );
      this.#moment = { ...this.#moment, index };
    }
    this.#showValue();
  }

  #showValue(): void {
    const { records } = this.#options.history;
    const moment = this.#moment;
    const record = moment === null ? records.at(-1) : records[moment.index];
    this.#input.value = String(moment === null ? this.#scale.length : this.#scale.positionOfMoment(moment));
    const when = moment === null ? 'now' : momentWords(moment.at, Date.now());
    setAttributes(this.#input, { 'aria-valuetext': `${when}: ${record?.to ?? 'unknown'}` });
    this.element.classList.toggle('past', moment !== null);
  }
}
