/**
 * Write-ahead (invariant 7): the machine's logic, decorated so that a transition is computed first, appended
 * to the log, and only then has its effects. XState's own mailbox, timers and children stay in use.
 */
import type { EventObject } from 'xstate';
import type { Clock } from '../backends/clock.ts';
import type { JsonObject } from '../store/event-log.ts';
import { CHANCY } from './machine/backoff.ts';
import type { serviceMachine } from './machine/index.ts';
import { type ServiceSnapshot, sameState, toDurable } from './replay.ts';

type ServiceLogic = typeof serviceMachine;
type Scope = Parameters<ServiceLogic['transition']>[2];
type Executable = Parameters<Scope['actionExecutor']>[0];

/** What an event may carry beside its data: bulky or secret things, kept as documents, never in a record. */
export type Documents = Readonly<Record<string, JsonObject | null>>;

/** What comes along with an event for the journal alone. */
export interface Enclosed {
  readonly documents?: Documents;
  /** Write a record although it changes nothing: the documents that came with such an event before are lost. */
  readonly anyway?: boolean;
}

/** A transition that is about to happen. */
export interface Transition {
  readonly id: string;
  readonly from: ServiceSnapshot;
  readonly to: ServiceSnapshot;
  readonly event: JsonObject & { readonly type: string; readonly at: number };
  readonly documents: Documents | undefined;
}

export interface Journal {
  /** Makes the transition durable. @throws {Error} when it cannot; the transition then does not happen */
  commit(transition: Transition): void;
  /** Told after a commit and before its effects run. */
  committed(transition: Transition): void;
  /** The append failed: the event did not happen, the state is as before, no effect has run. */
  failed(id: string, event: EventObject, error: unknown): void;
}

const sameDurable = (a: ServiceSnapshot, b: ServiceSnapshot) =>
  a.status === b.status && (a === b || sameState(toDurable(a), toDurable(b)));

/** XState's own housekeeping events (`xstate.init`, `xstate.stop`) are never journalled; its timers are. */
const isHousekeeping = (type: string) => type === 'xstate.stop' || type === 'xstate.init';

/** Where what the machine must not know by itself comes from: the time, and a number in [0, 1). */
export interface Stamps {
  readonly clock: Clock;
  readonly chance: () => number;
}

/** Splits an event into its record, stamped with the time and, where it matters, with a chance, and what came along. */
function stamp(event: EventObject, { clock, chance }: Stamps) {
  const { documents, anyway = false, ...data } = event as EventObject & Enclosed;
  const stamps = CHANCY.has(event.type) ? { at: clock.now(), chance: chance() } : { at: clock.now() };
  return { documents, anyway, event: { ...data, ...stamps } as Transition['event'] };
}

/**
 * The machine's logic with write-ahead. An event that changes neither value nor context writes nothing, unless it says so. When
 * the append fails the actor stays where it was and lives on; `journal.failed` decides what follows.
 */
export function journaled(logic: ServiceLogic, journal: Journal, stamps: Stamps): ServiceLogic {
  const transition = (from: ServiceSnapshot, raw: EventObject, scope: Scope): ServiceSnapshot => {
    if (isHousekeeping(raw.type)) return logic.transition(from, raw as never, scope);
    const { event, documents, anyway } = stamp(raw, stamps);
    const effects: Executable[] = [];
    const execute = scope.actionExecutor;
    let to: ServiceSnapshot;
    scope.actionExecutor = effect => effects.push(effect);
    try {
      to = logic.transition(from, event as never, scope);
    } finally {
      scope.actionExecutor = execute;
    }
    if (anyway || !sameDurable(from, to)) {
      const step: Transition = { id: scope.id, from, to, event, documents };
      try {
        journal.commit(step);
      } catch (error) {
        journal.failed(scope.id, raw, error);
        return from;
      }
      journal.committed(step);
    }
    for (const effect of effects) execute(effect);
    return to;
  };
  return Object.assign(Object.create(logic) as ServiceLogic, { transition });
}

/** The state's full path, such as `Pending.Starting`. */
export function statePath(state: { readonly value: unknown }): string {
  let value: unknown = state.value;
  const path: string[] = [];
  while (typeof value === 'object' && value !== null) {
    const [key] = Object.keys(value);
    if (key === undefined) break;
    path.push(key);
    value = Reflect.get(value, key);
  }
  if (typeof value === 'string') path.push(value);
  return path.join('.');
}
