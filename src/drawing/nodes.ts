/** A chart as nodes and arrows: what a program needs to draw it, or to find its way in the drawing. */
import type { ServiceType } from '../actors/services.ts';
import { arrowsOf } from './arrows.ts';
import { type Chart, type ChartState, chartFor } from './chart.ts';

export type ChartNode = Pick<
  ChartState,
  'path' | 'name' | 'parent' | 'description' | 'initial' | 'final' | 'tags'
> & {
  /** What happens in it without leaving it: `event [guard] / actions`. */
  readonly inner: readonly string[];
};

export interface ChartArrow {
  readonly from: string;
  readonly to: string;
  /** As records name them; each once. */
  readonly events: readonly string[];
  /** `event [guard]`. */
  readonly labels: readonly string[];
}

export interface ChartGraph {
  readonly nodes: readonly ChartNode[];
  readonly arrows: readonly ChartArrow[];
  /** What can happen in any state that does not say otherwise. */
  readonly anywhere: readonly string[];
}

/** The part of a chart that one type of service can live through. Pure. */
export function graphOf(whole: Chart, type: ServiceType): ChartGraph {
  const chart = chartFor(whole, type);
  const { arrows, inner, anywhere } = arrowsOf(chart);
  return {
    nodes: chart.states.map(({ path, name, parent, description, initial, final, tags }) => ({
      ...{ path, name, parent, description, initial, final, tags },
      inner: inner.get(path) ?? [],
    })),
    arrows: arrows.map(({ source, target, events, labels }) => ({
      from: source,
      to: target,
      events,
      labels,
    })),
    anywhere,
  };
}
