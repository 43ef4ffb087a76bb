/** A statechart as plain data, read off the machine itself: whatever is added to the machine is in the drawing. */
import type { AnyStateMachine } from 'xstate';
import type { ServiceType } from '../actors/services.ts';
import { eventLabel } from './labels.ts';
import { type Node, type Possible, possibleFor, type Transition, transitionsOf } from './possible.ts';

export const SERVICE_TYPES: readonly ServiceType[] = ['OneShot', 'Persistent'];

export interface ChartState {
  /** Full path, such as `Pending.Starting`. */
  readonly path: string;
  readonly name: string;
  /** Path of the state around it; null at the top. */
  readonly parent: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly meta: unknown;
  /** Whether the state around it, or the machine, begins here. */
  readonly initial: boolean;
  readonly final: boolean;
  /** Actions on entry. */
  readonly entry: readonly string[];
  /** Effects that run as long as the state is active. */
  readonly effects: readonly string[];
  /** The types of service that can get here. */
  readonly types: readonly ServiceType[];
}

export interface ChartTransition {
  /** Path of the state; null: any state that does not say otherwise. */
  readonly source: string | null;
  /** Path of the state it leads to; null: it stays where it is, and without actions the event is ignored. */
  readonly target: string | null;
  /** The event's type as XState knows it. */
  readonly event: string;
  /** The event as it is shown. */
  readonly label: string;
  readonly guard: string | null;
  readonly delay: string | null;
  readonly actions: readonly string[];
  /** The types of service it can happen to. */
  readonly types: readonly ServiceType[];
  /** Those of them for which the guard always holds. */
  readonly unguardedFor: readonly ServiceType[];
}

export interface Chart {
  readonly name: string;
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

/** Walks the machine, in document order. Pure. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = allBelow(machine.root);
  const possible = SERVICE_TYPES.map(type => ({ type, ...possibleFor(machine, type) }));
  return {
    name: machine.id,
    states: nodes.map(node => stateOf(node, possible)),
    transitions: [machine.root, ...nodes].flatMap(node => transitionsFrom(node, possible)),
  };
}

/** The part of a chart that a service of this type can live through, without the guards that always hold for it. Pure. */
export function chartFor(chart: Chart, type: ServiceType): Chart {
  return {
    name: chart.name,
    states: chart.states.filter(({ types }) => types.includes(type)),
    transitions: chart.transitions
      .filter(({ types }) => types.includes(type))
      .map(transition =>
        transition.unguardedFor.includes(type) ? { ...transition, guard: null } : transition,
      ),
  };
}

type PossiblePerType = readonly (Possible & { readonly type: ServiceType })[];

const allBelow = (node: Node): readonly Node[] =>
  Object.values(node.states as Record<string, Node>).flatMap(child => [child, ...allBelow(child)]);

const pathOf = (node: Node): string | null => (node.path.length === 0 ? null : node.path.join('.'));

function stateOf(node: Node, possible: PossiblePerType): ChartState {
  return {
    path: node.path.join('.'),
    name: node.key,
    parent: node.parent === undefined ? null : pathOf(node.parent),
    description: node.description ?? null,
    tags: node.tags,
    meta: node.meta ?? null,
    initial: node.parent?.initial?.target?.includes(node) ?? false,
    final: node.type === 'final',
    entry: actionNames(node.entry),
    effects: node.invoke.map(({ src }) => (typeof src === 'string' ? src : '[effect]')),
    types: possible.filter(({ states }) => states.has(node)).map(({ type }) => type),
  };
}

function transitionsFrom(node: Node, possible: PossiblePerType): readonly ChartTransition[] {
  return transitionsOf(node).flatMap(([event, tried]) =>
    tried.flatMap(transition => {
      const targets: readonly (Node | null)[] = transition.target ?? [null];
      const actions = actionNames(transition.actions);
      return targets.map(target => ({
        source: pathOf(node),
        target: target === null ? null : pathOf(target),
        event,
        label: eventLabel(event),
        guard: nameOf(transition.guard, '[guard]'),
        delay: delayOf(transition),
        actions,
        types: possible.filter(({ transitions }) => transitions.has(transition)).map(({ type }) => type),
        unguardedFor: possible
          .filter(({ transitions }) => transitions.get(transition) === 'always')
          .map(({ type }) => type),
      }));
    }),
  );
}

function delayOf(transition: Transition): string | null {
  const delay: unknown = 'delay' in transition ? transition.delay : undefined;
  return delay === undefined ? null : String(delay);
}

/** XState's own raising and cancelling of timers is no action of the machine. */
const TIMERS = new Set(['xstate.raise', 'xstate.cancel']);

function actionNames(actions: readonly unknown[]): readonly string[] {
  return actions.map(action => nameOf(action, '[action]') ?? '[action]').filter(name => !TIMERS.has(name));
}

/** A guard or action is known by its name, or by the `type` of its object; a nameless function has none. */
function nameOf(part: unknown, nameless: string): string | null {
  if (part === undefined) return null;
  if (typeof part === 'string') return part;
  const type: unknown = Object(part).type;
  return typeof type === 'string' ? type : nameless;
}
