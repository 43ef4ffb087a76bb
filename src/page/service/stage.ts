/** What a service is or was at one moment: in words, on the slider, in the drawing, in the timeline. They always agree. */
import type { Charts } from '../api/charts.ts';
import { type Api, ApiFault } from '../api/client.ts';
import type { EventRecord, ServiceDetail, ServiceType, Vitals } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import type { History } from '../model/history.ts';
import type { Moment } from '../model/scale.ts';
import { h } from '../parts/dom.ts';
import { messageOf } from '../parts/message-of.ts';
import type { Notices } from '../parts/notice.ts';
import { Drawing } from './drawing.ts';
import { Facts } from './facts.ts';
import { PastStates } from './past.ts';
import { Slider } from './slider.ts';
import { Summary } from './summary.ts';
import { Timeline } from './timeline.ts';

export interface StageOptions {
  readonly api: Api;
  readonly charts: Charts;
  readonly notices: Notices;
  /** The chart to begin with: that of any type. */
  readonly chart: Chart;
}

export class Stage {
  readonly elements: readonly HTMLElement[];
  readonly #options: StageOptions;
  readonly #history: History;
  readonly #past: PastStates;
  readonly #drawing = new Drawing();
  readonly #facts = new Facts();
  readonly #summary = new Summary(() => this.#slider.goToPresent());
  readonly #slider: Slider;
  readonly #timeline: Timeline;
  #chart: Chart;
  #present: { readonly detail: ServiceDetail; readonly vitals: Vitals | null } | null = null;

  /** @param loadEarlier asks for events before those in the history */
  constructor(id: string, history: History, loadEarlier: () => Promise<void>, options: StageOptions) {
    this.#options = options;
    this.#history = history;
    this.#chart = options.chart;
    this.#past = new PastStates(options.api, id);
    const chart = () => this.#chart;
    this.#slider = new Slider({ history, chart, went: moment => void this.#went(moment) });
    this.#timeline = new Timeline({
      ...{ history, chart, loadEarlier },
      choose: index => this.#slider.goTo(index),
    });
    const panes = h('div', { class: 'panes' }, this.#drawing.element, this.#timeline.element);
    this.elements = [this.#summary.element, this.#facts.element, this.#slider.element, panes];
  }

  get chart(): Chart {
    return this.#chart;
  }

  /** Draws the statechart of a type. A gateway without drawings still has services. */
  async draw(type: ServiceType): Promise<void> {
    const { charts } = this.#options;
    try {
      this.#chart = await charts.chart(type);
      this.#drawing.show(await charts.drawing(type), this.#chart);
    } catch (error) {
      this.#drawing.element.replaceChildren(h('p', { class: 'help', text: messageOf(error) }));
    }
  }

  /** What the gateway says of the service now; seen unless somebody looks at the past. */
  showPresent(detail: ServiceDetail, vitals: Vitals | null): void {
    this.#present = { detail, vitals };
    if (this.#slider.moment !== null || this.#isOutrun(detail)) return;
    const { state, why, next } = detail;
    this.#facts.showPresent(detail, vitals, Date.now());
    this.#summary.tell({ state, why, next, at: null }, this.#chart);
    this.#drawing.light(state);
    this.#timeline.mark(null);
  }

  /** Shows the way that a record, the newest of the history, has just taken. @param from the state before */
  follow(record: EventRecord, from: string | null): void {
    if (this.#slider.moment !== null) return;
    this.#drawing.light(record.to);
    this.#drawing.take(from, record, true);
    if (from === record.to) return;
    this.#options.notices.say(record.cause);
    this.#summary.tell({ state: record.to, why: record.cause, next: null, at: null }, this.#chart);
  }

  /** Counts on. @param now epoch ms */
  tick(now: number): void {
    this.#summary.tick(now);
    if (this.#slider.moment !== null || this.#present === null) return;
    this.#facts.showPresent(this.#present.detail, this.#present.vitals, now);
  }

  /** Leaves the past. @returns false when it was not there */
  leavePast(): boolean {
    if (this.#slider.moment === null) return false;
    this.#slider.goToPresent();
    return true;
  }

  close(): void {
    this.#past.forget();
  }

  /** The stream was faster than this answer; the next one is on its way. */
  #isOutrun({ state, since }: ServiceDetail): boolean {
    const last = this.#history.records.at(-1);
    return last !== undefined && last.to !== state && Date.parse(last.at) > Date.parse(since);
  }

  async #went(moment: Moment | null): Promise<void> {
    const { records } = this.#history;
    const record = moment === null ? undefined : records[moment.index];
    if (moment === null || record === undefined) {
      this.#past.forget();
      if (this.#present !== null) this.showPresent(this.#present.detail, this.#present.vitals);
      return;
    }
    this.#summary.tell({ state: record.to, why: record.cause, next: null, at: moment.at }, this.#chart);
    this.#timeline.mark(moment.index);
    this.#drawing.light(record.to);
    this.#drawing.take(records[moment.index - 1]?.to ?? null, record, moment.exact);
    await this.#confirm(moment, record);
  }

  /** What the records say is shown at once; the gateway, which folds them, has the last word. */
  async #confirm(moment: Moment, record: EventRecord): Promise<void> {
    try {
      const past = await this.#past.at(moment, record);
      if (past === null || this.#slider.moment === null) return;
      this.#facts.showPast(past, moment.at);
      if (past.state === record.to) return;
      this.#summary.tell({ state: past.state, why: '', next: null, at: moment.at }, this.#chart);
      this.#drawing.light(past.state);
    } catch (error) {
      if (error instanceof ApiFault && error.isMissingRoute) return;
      this.#options.notices.show(messageOf(error), 'fault');
    }
  }
}
