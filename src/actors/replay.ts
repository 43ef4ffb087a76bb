/**
 * From records to states: folding, restoring, re-arming. Folding runs the bare machine, so no effect can run
 * (statechart.md, "Replay runs no effect and is deterministic").
 */
import { type AnyActorRef, createActor, type SnapshotFrom, type StateValue } from 'xstate';
import type { DurableState, JsonObject, LogRecord } from '../store/event-log.ts';
import { serviceMachine } from './machine/index.ts';
import type { Policy, ServiceContext, ServiceEvent, ServiceInput } from './machine/model.ts';
import type { ServiceType } from './services.ts';

export type ServiceSnapshot = SnapshotFrom<typeof serviceMachine>;

/** The event of a service's first record; the machine never sees it, it is its input. */
export interface Registration {
  readonly type: 'registered';
  readonly serviceType: ServiceType;
  readonly config: string | null;
  readonly policy: Policy;
  readonly at: number;
}

const inertActor = createActor(serviceMachine, {
  input: {
    type: 'OneShot',
    config: null,
    at: 0,
    policy: {
      cooldownMs: 0,
      cooldownMaxMs: 0,
      jitter: 0,
      stableAfterMs: 0,
      maxStartFailures: 1,
      probeFailures: 1,
    },
  },
});

/** What `machine.transition` asks of its surroundings, with every effect a no-op; one for all folds. */
const inertScope = {
  self: inertActor,
  id: 'replay',
  sessionId: 'replay',
  logger: () => {},
  defer: () => {},
  system: inertActor.system,
  stopChild: () => {},
  emit: () => {},
  actionExecutor: () => {},
} as unknown as Parameters<typeof serviceMachine.transition>[2];

/** The first state of a service. Throws nothing; pure. */
export function initialState(input: ServiceInput): ServiceSnapshot {
  return serviceMachine.getInitialSnapshot(inertScope, input);
}

/** The state after one event. Pure. */
export function nextState(state: ServiceSnapshot, event: ServiceEvent): ServiceSnapshot {
  return serviceMachine.transition(state, event, inertScope);
}

/** What of a snapshot goes into the log: the value, and the context, which is plain data. */
export function toDurable(state: ServiceSnapshot): DurableState {
  return { value: state.value, context: state.context as unknown as JsonObject };
}

/** The snapshot a durable state stands for. Its effects do not run yet. @throws {Error} a state this machine does not know */
export function fromDurable(state: DurableState): ServiceSnapshot {
  return serviceMachine.resolveState({
    value: state.value as StateValue,
    context: state.context as unknown as ServiceContext,
  });
}

/** Whether two durable states are the same, whatever the order of their keys. */
export function sameState(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && sameState(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** Where code and log no longer agree. */
export interface Divergence {
  readonly seq: number;
  readonly reason: string;
}

/** Records between two checkpoints: a wake folds at most so many. Every record holds its whole state, so any can be one. */
const CHECKPOINT_EVERY = 64;

/** How many records before the head a wake folds: back to the last checkpoint, which is never the head itself. */
export function sinceCheckpoint(headN: number): number {
  return headN < 2 ? 0 : ((headN - 2) % CHECKPOINT_EVERY) + 1;
}

/** The records from the last divergence on: what came before was answered for by ending the service. */
export function sinceDivergence(records: readonly LogRecord[]): readonly LogRecord[] {
  return records.slice(
    Math.max(
      0,
      records.findLastIndex(({ event }) => event.type === 'divergence found'),
    ),
  );
}

/**
 * Folds records of one service, oldest first, and compares every `to` (invariant 6). The first record is the
 * base, unless it is the registration, which is folded too. Returns the first divergence, or null.
 */
export function verify(records: readonly LogRecord[]): Divergence | null {
  return foldOn(null, records).divergence;
}

/**
 * The same from a state on, that of the record before; null: there is none. Returns the state it led to, too; null
 * after a divergence.
 */
export function foldOn(
  base: ServiceSnapshot | null,
  records: readonly LogRecord[],
): { state: ServiceSnapshot | null; divergence: Divergence | null } {
  let state = base;
  for (const record of records) {
    try {
      state = foldOne(state, record);
    } catch (error) {
      const reason = `Record ${record.seq} (${record.event.type}) cannot be replayed: ${String(error)}`;
      return { state: null, divergence: { seq: record.seq, reason } };
    }
    if (!sameState(toDurable(state), record.to)) {
      const reason = `Record ${record.seq} (${record.event.type}) led to another state than the log holds`;
      return { state: null, divergence: { seq: record.seq, reason } };
    }
  }
  return { state, divergence: null };
}

function foldOne(state: ServiceSnapshot | null, record: LogRecord): ServiceSnapshot {
  if (record.event.type === 'registered') {
    const { serviceType, config, policy, at } = record.event as unknown as Registration;
    return initialState({ type: serviceType, config, policy, at });
  }
  const isBase = state === null || record.event.type === 'divergence found';
  return isBase ? fromDurable(record.to) : nextState(state, record.event as unknown as ServiceEvent);
}

/**
 * Re-arms the `after` timers of a restored state with what is left of them; XState restores none. Same event and id as
 * XState's own, so that leaving the state cancels them.
 */
export function rearmTimers(actor: AnyActorRef, state: ServiceSnapshot, now: number): void {
  for (const node of state._nodes) {
    for (const { delay, eventType } of node.after) {
      const delayMs = delayOf(delay, state);
      const leftMs = Math.max(0, state.context.since + delayMs - now);
      actor.system.scheduler.schedule(actor, actor, { type: eventType }, leftMs, eventType);
    }
  }
}

function delayOf(delay: unknown, state: ServiceSnapshot): number {
  if (typeof delay === 'number') return delay;
  const delays = state.machine.implementations.delays as Record<string, unknown>;
  const named = typeof delay === 'string' && Object.hasOwn(delays, delay) ? delays[delay] : delay;
  return typeof named === 'function' ? named({ context: state.context }) : Number(named);
}
