/** The states of a service through time, as a band in their colours. */
import type { EventRecord } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import type { Scale } from '../model/scale.ts';
import { s, setAttributes } from '../parts/dom.ts';

/** Heights of the band, of 1: where nothing runs it is low. */
const FULL = 1;
const LOW = 0.4;
/** How much paler each further state inside the same one is. */
const FADE = 0.28;

export class Ribbon {
  readonly element = s('svg', { class: 'ribbon', preserveAspectRatio: 'none', 'aria-hidden': 'true' });

  draw(records: readonly EventRecord[], scale: Scale, chart: Chart): void {
    setAttributes(this.element, { viewBox: `0 0 ${scale.length || 1} 1` });
    this.element.replaceChildren(
      ...stays(records).map(({ state, from, until }) => {
        const height = chart.isAtRest(state) ? LOW : FULL;
        const x = scale.positionOf(from);
        return s('rect', {
          ...{ class: `hue-${chart.hue(state)}`, x, width: scale.positionOf(until) - x },
          ...{ y: 1 - height, height, 'fill-opacity': Math.max(0.3, 1 - FADE * chart.rank(state)) },
        });
      }),
    );
  }
}

/** Events that stayed in the same state are one stay. */
function stays(records: readonly EventRecord[]) {
  const found: { state: string; from: number; until: number }[] = [];
  records.forEach(({ to }, n) => {
    const last = found.at(-1);
    if (last?.state === to) last.until = n + 1;
    else found.push({ state: to, from: n, until: n + 1 });
  });
  return found;
}
