/** The transitions of a chart as a drawing needs them: one arrow from one state to another, however many transitions. */
import type { Chart, ChartTransition } from './chart.ts';
import { internalLabel, transitionLabel } from './labels.ts';

export interface Arrow {
  /** Path of the state it leaves. */
  readonly source: string;
  readonly target: string;
  /** The events that lead along it, as they are shown, each once, in the order of the machine. */
  readonly events: readonly string[];
  /** `event [guard]`, in the same order. */
  readonly labels: readonly string[];
}

export interface Arrows {
  readonly arrows: readonly Arrow[];
  /** What happens inside a state without leaving it, by the state's path. */
  readonly inner: ReadonlyMap<string, readonly string[]>;
  /** What happens in any state that does not say otherwise; as words, for arrows from everywhere hide the others. */
  readonly anywhere: readonly string[];
}

/** Events that are only ignored are not drawn. Pure. */
export function arrowsOf(chart: Chart): Arrows {
  const arrows = new Map<string, Arrow & { readonly events: string[]; readonly labels: string[] }>();
  const inner = new Map<string, string[]>();
  const anywhere: string[] = [];
  for (const transition of chart.transitions) {
    const { source, target, actions } = transition;
    if (target === null && actions.length === 0) continue;
    if (source === null) {
      anywhere.push(
        target === null ? internalLabel(transition) : `${transitionLabel(transition)} → ${target}`,
      );
    } else if (target === null) {
      inner.set(source, [...(inner.get(source) ?? []), internalLabel(transition)]);
    } else if (!isImplied(transition, chart)) {
      const key = JSON.stringify([source, target]);
      const arrow = arrows.get(key) ?? { source, target, events: [], labels: [] };
      arrows.set(key, arrow);
      if (!arrow.events.includes(transition.label)) arrow.events.push(transition.label);
      arrow.labels.push(transitionLabel(transition));
    }
  }
  return { arrows: [...arrows.values()], inner, anywhere };
}

/** The same arrow begins at a state around this one: it differs only in its actions, which a drawing does not show. */
function isImplied({ source, target, label, guard }: ChartTransition, { transitions }: Chart): boolean {
  return transitions.some(
    other =>
      other.target === target &&
      other.label === label &&
      other.guard === guard &&
      other.source !== source &&
      isAround(other.source, source),
  );
}

const isAround = (outer: string | null, inner: string | null) =>
  outer === null || inner?.startsWith(`${outer}.`) === true;
