/**
 * What the page knows of states: only what the drawing says. No state is known by name here or anywhere in the page, so a
 * state that is added to the machine has its colour, its place and its buttons at once.
 */
import type { ChartArrow, ChartNode, MachineState, ServiceType, Statechart } from '../api/shapes.ts';

/** Number of colours the drawings use before they begin again (scripts/docs/svg-style.ts). */
const HUES = 6;

/** Path of the outermost state around a state. */
export const outermost = (path: string): string => path.split('.', 1)[0] ?? path;

/** Whether a state is another, or around it. */
export const isAround = (outer: string, path: string): boolean =>
  outer === path || path.startsWith(`${outer}.`);

export class Chart {
  readonly type: ServiceType;
  /** The outermost states of this type in the machine's order, without the final ones. */
  readonly outermost: readonly string[];
  readonly #machine: MachineState;
  readonly #nodes: ReadonlyMap<string, ChartNode>;
  readonly #arrows: readonly ChartArrow[];
  readonly #order: readonly string[];

  constructor({ type, machine, nodes, arrows }: Statechart) {
    this.type = type;
    this.#machine = machine;
    this.#nodes = new Map(nodes.map(node => [node.path, node]));
    this.#arrows = arrows;
    this.#order = Object.keys(machine.states ?? {});
    this.outermost = nodes.filter(({ parent, final }) => parent === null && !final).map(({ path }) => path);
  }

  /** The colour of a state, as in the drawings: that of its outermost state. */
  hue(path: string): number {
    return Math.max(0, this.#order.indexOf(outermost(path))) % HUES;
  }

  /** Which of the states inside the same one this is, in the machine's order: 0 is the first, or one that is in none. */
  rank(path: string): number {
    const parent = this.#nodes.get(path)?.parent ?? null;
    if (parent === null) return 0;
    const beside = [...this.#nodes.values()].filter(node => node.parent === parent);
    return Math.max(
      0,
      beside.findIndex(node => node.path === path),
    );
  }

  /** Nothing of the service runs in this state. */
  isAtRest(path: string): boolean {
    return this.#nodes.get(path)?.tags.includes('at rest') ?? false;
  }

  /** The service is gone. */
  isFinal(path: string): boolean {
    return this.#nodes.get(path)?.final ?? false;
  }

  description(path: string): string {
    return this.#nodes.get(path)?.description ?? '';
  }

  /** Whether an event would change anything in a state: its own answer to it, or that of the nearest state around it. */
  accepts(path: string, event: string): boolean {
    const around: MachineState[] = [this.#machine];
    for (const name of path.split('.')) {
      const inner = around.at(-1)?.states?.[name];
      if (inner !== undefined) around.push(inner);
    }
    const answer = around.findLast(state => state.on?.[event] !== undefined)?.on?.[event];
    return answer !== undefined && leadsSomewhere(answer);
  }

  /** The arrow that was taken; the one that begins innermost when several fit. */
  arrow(from: string, to: string, event: string): ChartArrow | null {
    const taken = this.#arrows.filter(
      arrow => arrow.events.includes(event) && isAround(arrow.from, from) && isAround(arrow.to, to),
    );
    taken.sort((a, b) => b.from.length + b.to.length - (a.from.length + a.to.length));
    return taken[0] ?? null;
  }
}

/** A transition without target and actions only says that the event is ignored. */
function leadsSomewhere(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.some(leadsSomewhere);
  if (typeof answer !== 'object' || answer === null) return answer !== undefined;
  return 'target' in answer || 'actions' in answer;
}
