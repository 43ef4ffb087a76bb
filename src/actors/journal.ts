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
  /** Whether an event has to wait until fewer services move (turns.ts): it is kept, and told later as a step. */
  defers(id: string, event: EventObject): boolean;
  /** Makes the transition durable. @returns `seq` of its record @throws {Error} when it cannot; the transition then does not happen */
  commit(transition: Transition): number;
  /** Told after a commit and before its effects run. */
  committed(transition: Transition, seq: number): void;
  /** The append failed: the event did not happen, the state is as before, no effect has run. */
  failed(id: string, event: EventObject, error: unknown): void;
}

/** What a service was told together with others: it is on record already, and happens now. */
export interface Step extends Pick<Transition, 'event' | 'documents'> {
  /** Whether it changed anything. */
  readonly isRecorded: boolean;
}

/** A step on its way to the actor. No machine knows this type. */
interface StepEvent extends EventObject {
  readonly type: 'evergate.step';
  readonly step: Step;
  /** `seq` of its record; null: it has none. */
  readonly seq: number | null;
  /** Called when the actor takes it, before its effects. */
  taken(): void;
}

/** Tells an actor what is on record. */
export const stepEvent = (step: Step, seq: number | null, taken: () => void): StepEvent => ({
  type: 'evergate.step',
  step,
  seq,
  taken,
});

const isStep = (event: EventObject): event is StepEvent => event.type === 'evergate.step';

export const sameDurable = (a: ServiceSnapshot, b: ServiceSnapshot) =>
  a.status === b.status && (a === b || sameState(toDurable(a), toDurable(b)));

/** XState's own housekeeping events (`xstate.init`, `xstate.stop`) are never journalled; its timers are. */
const isHousekeeping = (type: string) => type === 'xstate.stop' || type === 'xstate.init';

/** Where what the machine must not know by itself comes from: the time, and a number in [0, 1). */
export interface Stamps {
  readonly clock: Clock;
  readonly chance: () => number;
}

/** Splits an event into its record, stamped with the time and, where it matters, with a chance, and what came along. */
export function stamp(event: EventObject, { clock, chance }: Stamps) {
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
    if (isStep(raw)) return takeStep(logic, journal, from, raw, scope);
    if (journal.defers(scope.id, raw)) return from;
    const { event, documents, anyway } = stamp(raw, stamps);
    const { to, effects } = computed(logic, from, event, scope);
    if (anyway || !sameDurable(from, to)) {
      const step: Transition = { id: scope.id, from, to, event, documents };
      let seq: number;
      try {
        seq = journal.commit(step);
      } catch (error) {
        journal.failed(scope.id, raw, error);
        return from;
      }
      journal.committed(step, seq);
    }
    for (const effect of effects) scope.actionExecutor(effect);
    return to;
  };
  return Object.assign(Object.create(logic) as ServiceLogic, { transition });
}

function takeStep(
  logic: ServiceLogic,
  journal: Journal,
  from: ServiceSnapshot,
  { step: { event, documents }, seq, taken }: StepEvent,
  scope: Scope,
): ServiceSnapshot {
  const { to, effects } = computed(logic, from, event, scope);
  taken();
  if (seq !== null) journal.committed({ id: scope.id, from, to, event, documents }, seq);
  for (const effect of effects) scope.actionExecutor(effect);
  return to;
}

/** A transition whose effects have not run: they are collected. */
function computed(logic: ServiceLogic, from: ServiceSnapshot, event: Transition['event'], scope: Scope) {
  const effects: Executable[] = [];
  const execute = scope.actionExecutor;
  scope.actionExecutor = effect => effects.push(effect);
  try {
    return { to: logic.transition(from, event as never, scope), effects };
  } finally {
    scope.actionExecutor = execute;
  }
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
