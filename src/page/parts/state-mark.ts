/** A state as a dot in its colour and its path; the dot is hollow where nothing runs. */
import type { Chart } from '../model/chart.ts';
import { h, prefersStillness, setText } from './dom.ts';

const PULSE_MS = 700;

export interface StateMark {
  readonly element: HTMLElement;
  show(state: string, chart: Chart): void;
  /** Draws the eye to it: the state has just changed. */
  pulse(): void;
}

export function stateMark(): StateMark {
  const name = h('span', {});
  const dot = h('i', {});
  const element = h('span', { class: 'state' }, dot, name);
  return {
    element,
    show(state, chart) {
      element.className = `state hue-${chart.hue(state)}${chart.isAtRest(state) ? ' rest' : ''}`;
      setText(name, state);
      element.title = chart.description(state);
    },
    pulse() {
      if (prefersStillness()) return;
      const { color } = getComputedStyle(dot);
      dot.animate([{ boxShadow: `0 0 0 0 ${color}` }, { boxShadow: '0 0 0 7px transparent' }], PULSE_MS);
    },
  };
}
