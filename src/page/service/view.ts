/** One service: what it is doing, why, what it did, and what can be done to it. */
import { ApiFault } from '../api/client.ts';
import type { Live } from '../api/live.ts';
import type { EventRecord, ServiceDetail, Vitals } from '../api/shapes.ts';
import { History } from '../model/history.ts';
import { h } from '../parts/dom.ts';
import { messageOf } from '../parts/message-of.ts';
import type { Unsubscribe } from '../parts/signal.ts';
import { beat } from '../parts/ticker.ts';
import { type Actions, actions } from './actions.ts';
import { lanesPart, stderrPart, toolsPart } from './lists.ts';
import { ServiceSource } from './source.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface ViewOptions extends StageOptions {
  readonly live: Live;
  close(): void;
}

export class ServiceView {
  readonly element: HTMLElement;
  readonly #id: string;
  readonly #options: ViewOptions;
  readonly #history = new History();
  readonly #source: ServiceSource;
  readonly #stage: Stage;
  readonly #actions: Actions;
  readonly #stderr = stderrPart();
  readonly #tools = toolsPart();
  readonly #lanes = lanesPart();
  readonly #fault = h('p', { class: 'fault', attributes: { role: 'alert', hidden: true } });
  readonly #body: HTMLElement;
  readonly #subscriptions: readonly Unsubscribe[];
  #detail: ServiceDetail | null = null;
  #vitals: Vitals | null = null;

  constructor(id: string, options: ViewOptions) {
    this.#id = id;
    this.#options = options;
    this.#actions = actions(options.api, id, options.notices);
    this.#source = new ServiceSource(options.api, id, this.#history, {
      detail: detail => void this.#show(detail),
      fault: error => this.#showFault(error),
    });
    this.#stage = new Stage(id, this.#history, () => this.#source.loadEarlier(), options);
    const lists = [this.#stderr.element, this.#lanes.element, this.#tools.element];
    const parts = [...this.#stage.elements, ...lists];
    this.#body = h('div', { class: 'body', attributes: { hidden: true } }, ...parts);
    this.element = h('article', { class: 'service' }, this.#heading(), this.#fault, this.#body);
    this.#subscriptions = [
      options.live.records.subscribe(record => this.#happened(record)),
      options.live.vitals.subscribe(({ services }) => this.#measured(services)),
      options.live.gaps.subscribe(() => this.#source.startAnew()),
      beat.subscribe(now => this.#stage.tick(now)),
    ];
    void this.#source.start();
  }

  /** Puts the keys at the heading, so that a screen reader says whose page this is. */
  focus(): void {
    this.element.querySelector('h2')?.focus();
  }

  /** Leaves the past. @returns false when it was not there */
  leavePast(): boolean {
    return this.#stage.leavePast();
  }

  close(): void {
    for (const end of this.#subscriptions) end();
    this.#stage.close();
    this.#source.stop();
  }

  #heading(): HTMLElement {
    const back = h('button', {
      class: 'quiet back',
      text: '\u2190',
      attributes: { type: 'button', 'aria-label': 'All services', 'aria-keyshortcuts': 'Escape' },
      on: { click: this.#options.close },
    });
    const name = h('h2', { text: this.#id, attributes: { tabindex: -1, title: this.#id } });
    return h('header', {}, back, name, this.#actions.element);
  }

  async #show(detail: ServiceDetail): Promise<void> {
    const known = this.#detail;
    this.#detail = detail;
    if (detail.vitals !== undefined) this.#vitals = detail.vitals;
    if (detail.type !== known?.type) await this.#stage.draw(detail.type);
    this.#fault.hidden = true;
    this.#body.hidden = false;
    if (known === null) this.#source.loadHistory();
    this.#actions.show(detail, this.#stage.chart);
    this.#stderr.show(detail.stderr);
    this.#tools.show(detail.tools);
    this.#lanes.show(detail.lanes);
    this.#stage.showPresent(detail, this.#vitals);
  }

  #happened(record: EventRecord): void {
    if (record.id !== this.#id) return;
    const before = this.#history.records.at(-1)?.to ?? this.#detail?.state ?? null;
    this.#history.add(record);
    if (this.#stage.chart.isFinal(record.to)) {
      this.#options.notices.show(`${this.#id}: ${record.cause}`);
      this.#options.close();
    } else {
      this.#source.refreshSoon();
      if (this.#detail !== null) this.#stage.follow(record, before);
    }
  }

  #measured(services: readonly Vitals[]): void {
    const vitals = services.find(({ id }) => id === this.#id) ?? null;
    if (vitals !== null || this.#vitals !== null) this.#source.refreshSoon();
    this.#vitals = vitals;
  }

  #showFault(error: unknown): void {
    this.#fault.textContent = messageOf(error);
    this.#fault.hidden = false;
    if (error instanceof ApiFault && error.code === '0001') this.#body.hidden = true;
  }
}
