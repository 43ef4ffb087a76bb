/** The statechart as the machine draws it, with the state of one service lit and the transition it took last. */
import type { EventRecord } from '../api/shapes.ts';
import { type Chart, isAround } from '../model/chart.ts';
import { h, prefersStillness, setAttributes } from '../parts/dom.ts';

export class Drawing {
  readonly element: HTMLElement;
  #svg: SVGSVGElement | null = null;
  #chart: Chart | null = null;
  #states: readonly SVGElement[] = [];
  #arrows: readonly SVGElement[] = [];
  #lit = '';
  #trace: SVGElement | null = null;

  constructor() {
    this.element = h('div', {
      class: 'drawing',
      attributes: { tabindex: 0, role: 'group', 'aria-label': 'Statechart, scrolls when it is wider' },
    });
    // Also when it becomes visible for the first time.
    new ResizeObserver(() => this.#reveal('auto')).observe(this.element);
  }

  show(svg: SVGSVGElement, chart: Chart): void {
    this.#svg = svg;
    this.#chart = chart;
    this.#states = [...svg.querySelectorAll<SVGElement>('[data-state]')];
    this.#arrows = [...svg.querySelectorAll<SVGElement>('[data-from]')];
    for (const state of this.#states) state.classList.add(`hue-${chart.hue(state.dataset.state ?? '')}`);
    setAttributes(svg, { role: 'img' });
    this.element.replaceChildren(svg);
    const lit = this.#lit;
    this.#lit = '';
    if (lit !== '') this.light(lit);
  }

  /** Lights a state and those around it. */
  light(path: string): void {
    if (path === this.#lit) return;
    this.#lit = path;
    for (const state of this.#states) {
      const own = state.dataset.state ?? '';
      state.classList.toggle('lit', own === path);
      state.classList.toggle('around', own !== path && isAround(own, path));
    }
    if (this.#svg !== null) setAttributes(this.#svg, { 'aria-label': `Statechart; the state is ${path}` });
    this.#reveal(prefersStillness() ? 'auto' : 'smooth');
  }

  /** Marks the arrow that a record took from a state, and with `moving` shows the way along it. */
  take(from: string | null, { event, to }: EventRecord, moving: boolean): void {
    this.#trace?.remove();
    const taken = from === null ? null : (this.#chart?.arrow(from, to, event.type) ?? null);
    for (const arrow of this.#arrows) {
      const { from: source, to: target } = arrow.dataset;
      const isTaken = taken !== null && source === taken.from && target === taken.to;
      arrow.classList.toggle('taken', isTaken);
      if (isTaken && moving && !prefersStillness()) this.#follow(arrow);
    }
  }

  #follow(arrow: SVGElement): void {
    const trace = arrow.querySelector('path')?.cloneNode() as SVGElement | undefined;
    if (trace === undefined) return;
    setAttributes(trace, { class: 'trace', pathLength: 1 });
    trace.addEventListener('animationend', () => trace.remove());
    arrow.append(trace);
    this.#trace = trace;
  }

  /** Scrolls a drawing that does not fit so that the lit state is in the middle. */
  #reveal(behavior: ScrollBehavior): void {
    const lit = this.#states.find(state => state.dataset.state === this.#lit);
    const { element } = this;
    const fits = element.scrollWidth <= element.clientWidth && element.scrollHeight <= element.clientHeight;
    if (lit === undefined || fits) return;
    const box = lit.getBoundingClientRect();
    const around = element.getBoundingClientRect();
    element.scrollTo({
      left: element.scrollLeft + box.left + box.width / 2 - around.left - around.width / 2,
      top: element.scrollTop + box.top + box.height / 2 - around.top - around.height / 2,
      behavior,
    });
  }
}
