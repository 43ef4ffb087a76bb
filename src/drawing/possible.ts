/** What of a machine can happen to a service of one type: found by asking its guards, never by a list kept by hand. */
import type { AnyStateMachine } from 'xstate';
import type { ServiceType } from '../actors/services.ts';

export type Node = AnyStateMachine['root'];
export type Transition = NonNullable<Node['always']>[number];

export interface Possible {
  readonly states: ReadonlySet<Node>;
  /** Whether the transition's guard holds for this type whatever else is the case, or depends on more. */
  readonly transitions: ReadonlyMap<Transition, Holds>;
}

export type Holds = 'always' | 'depends';

/** A node's transitions in the order they are tried, by event; the eventless ones under the empty event. */
export function transitionsOf(
  node: Node,
): readonly (readonly [event: string, tried: readonly Transition[]])[] {
  const always = node.always ?? [];
  return always.length === 0 ? [...node.transitions] : [['', always], ...node.transitions];
}

/** The states a service of this type can reach from the initial one, and the transitions that can be taken on the way. */
export function possibleFor(machine: AnyStateMachine, type: ServiceType): Possible {
  const states = new Set<Node>([machine.root]);
  const transitions = new Map<Transition, Holds>();
  const leaves: Node[] = [];
  const enter = (node: Node) => {
    for (let outer = node.parent; outer !== undefined; outer = outer.parent) states.add(outer);
    for (const inner of downFrom(node)) {
      if (!states.has(inner) && isLeaf(inner)) leaves.push(inner);
      states.add(inner);
    }
  };
  enter(machine.root);
  for (const leaf of leaves) {
    for (const [transition, holds] of takenFrom(leaf, machine, type)) {
      transitions.set(transition, holds);
      for (const target of transition.target ?? []) enter(target);
    }
  }
  return { states, transitions };
}

const isLeaf = (node: Node) => Object.keys(node.states).length === 0;

/** The node and what is entered with it. */
function downFrom(node: Node): readonly Node[] {
  if (isLeaf(node)) return [node];
  const inner: readonly Node[] = node.type === 'parallel' ? Object.values(node.states) : node.initial.target;
  return [node, ...inner.flatMap(downFrom)];
}

/** From the leaf outwards, event by event, until a transition is taken whatever else holds. */
function takenFrom(leaf: Node, machine: AnyStateMachine, type: ServiceType): readonly Taken[] {
  if (leaf.type === 'final' && leaf.parent === machine.root) return [];
  const taken: Taken[] = [];
  const settled = new Set<string>();
  for (let node: Node | undefined = leaf; node !== undefined; node = node.parent) {
    for (const [event, tried] of transitionsOf(node)) {
      if (settled.has(event)) continue;
      const open = firstTaken(tried, machine, type);
      taken.push(...open);
      if (open.at(-1)?.[1] === 'always') settled.add(event);
    }
  }
  return taken;
}

type Taken = readonly [Transition, Holds];

/** Those of an event's transitions that can be taken: up to the first whose guard always holds. */
function firstTaken(
  tried: readonly Transition[],
  machine: AnyStateMachine,
  type: ServiceType,
): readonly Taken[] {
  const taken: Taken[] = [];
  for (const transition of tried) {
    const holds = guardHolds(transition.guard, machine, type);
    if (holds !== 'never') taken.push([transition, holds]);
    if (holds === 'always') break;
  }
  return taken;
}

/** Asks a guard with nothing but the type; one that asks for more than the type depends on more. */
function guardHolds(guard: unknown, machine: AnyStateMachine, type: ServiceType): Holds | 'never' {
  if (guard === undefined) return 'always';
  const known = machine.implementations.guards as Readonly<Record<string, unknown>>;
  const asked = typeof guard === 'string' ? known[guard] : undefined;
  if (typeof asked !== 'function' || 'check' in asked) return 'depends';
  try {
    return asked({ context: onlyKnowing({ type }), event: onlyKnowing({}) }) === true ? 'always' : 'never';
  } catch (error) {
    if (error === ASKED_FOR_MORE) return 'depends';
    throw error;
  }
}

const ASKED_FOR_MORE = new Error('A guard asked for more than the type');

/** The object, with every question for anything else refused. */
function onlyKnowing(known: Readonly<Record<string, unknown>>): object {
  const refuse = (): never => {
    throw ASKED_FOR_MORE;
  };
  return new Proxy(known, {
    get: (_, key) => (typeof key === 'string' && Object.hasOwn(known, key) ? known[key] : refuse()),
    has: (_, key) => Object.hasOwn(known, key) || refuse(),
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  });
}
