/** Builders for tests of the pure statechart: a state is what a service's events led to. */
import { statePath } from '../../src/actors/journal.ts';
import type { AfterTeardown, Policy, ServiceEvent } from '../../src/actors/machine/model.ts';
import { initialState, nextState, type ServiceSnapshot } from '../../src/actors/replay.ts';
import type { ServiceType } from '../../src/actors/services.ts';

export const policy: Policy = {
  cooldownMs: 1000,
  cooldownMaxMs: 8000,
  jitter: 0,
  stableAfterMs: 5000,
  maxStartFailures: 4,
  probeFailures: 2,
};

/** Late news of an earlier start has its own generation; without one an event speaks of the present start. */
export type Happening = Loose<ServiceEvent>;
type Loose<E> = E extends ServiceEvent
  ? Omit<E, 'generation' | 'at'> & { readonly generation?: number; readonly at?: number }
  : never;

export const registered = (type: ServiceType, changes: Partial<Policy> = {}): ServiceSnapshot =>
  initialState({ type, config: 'config-1', policy: { ...policy, ...changes }, at: 0 });

/** Told by people or by the gateway, not by the effects of one start. */
const TOLD = /^(reconfigured|policy changed|.* requested|gateway restarted|divergence found|xstate\..*)$/;

/** The state after the events, each at the time the state was entered unless it says when. */
export function take(state: ServiceSnapshot, ...events: readonly Happening[]): ServiceSnapshot {
  return events.reduce((now, event) => {
    const { generation, since } = now.context;
    const source = TOLD.test(event.type) ? {} : { generation };
    return nextState(now, { ...source, at: since, ...event } as ServiceEvent);
  }, state);
}

export const at = (state: ServiceSnapshot): string => statePath(state);

/** The timer of the present state going off. */
export function timer(state: ServiceSnapshot, when: number): Happening {
  const [first] = state._nodes.flatMap(node => node.after);
  if (first === undefined) throw new Error(`${at(state)} has no timer`);
  return { type: first.eventType, at: when } as unknown as Happening;
}

export const start: Happening = { type: 'start requested', by: 'check_status' };
export const permitted: Happening = { type: 'start permitted' };
export const succeeded: Happening = { type: 'start succeeded', server: 'fake 1' };
export const failed: Happening = { type: 'start failed', reason: 'command not found' };
export const spawned: Happening = { type: 'spawned', process: { pid: 7, pgid: 7, startTicks: 70 } };
export const lost: Happening = { type: 'backend lost', reason: 'it exited', exitCode: 1, signal: null };
export const finished: Happening = { type: 'teardown finished' };
export const silent: Happening = { type: 'probe failed', reason: 'no answer', decisive: false };
export const answered: Happening = { type: 'probe answered' };
export const idle: Happening = { type: 'idled out', idleMs: 300_000 };
export const restart: Happening = { type: 'restart requested' };
export const stop: Happening = { type: 'stop requested' };
export const remove: Happening = { type: 'removal requested' };
export const gated: Happening = { type: 'gateway restarted', warmup: 'gated' };
export const lazy: Happening = { type: 'gateway restarted', warmup: 'lazy' };
export const diverged: Happening = { type: 'divergence found', reason: 'record 3 led elsewhere' };
export const configured = (serviceType: ServiceType, config = 'config-2'): Happening => ({
  type: 'reconfigured',
  config,
  serviceType,
});

/** `Spawned` is Starting with a process, `Stopping` is Ended with a process that is not gone yet. */
export type Scene =
  | 'Asleep'
  | 'Queued'
  | 'Starting'
  | 'Spawned'
  | 'Ready'
  | 'Suspect'
  | 'Unhealthy'
  | 'CoolingDown'
  | 'Stopping'
  | 'Completed'
  | 'Failed';

/** One way into every state. `Unhealthy` lost a backend that had just become ready. */
export const scenes: Record<Scene, (type: ServiceType) => ServiceSnapshot> = {
  Asleep: type => registered(type),
  Queued: type => take(registered(type), start),
  Starting: type => take(scenes.Queued(type), permitted),
  Spawned: type => take(scenes.Starting(type), spawned),
  Ready: type => take(scenes.Spawned(type), succeeded),
  Suspect: type => take(scenes.Ready(type), silent),
  Unhealthy: type => take(scenes.Ready(type), lost),
  CoolingDown: type => take(scenes.Spawned(type), failed),
  Stopping: type => take(scenes.Ready(type), stop),
  Completed: type => take(scenes.Stopping(type), finished),
  Failed: type => {
    const first = take(scenes.Spawned(type), failed);
    if (type === 'OneShot') return first;
    const again = (state: ServiceSnapshot) =>
      take(state, timer(state, state.context.dueAt ?? 0), permitted, failed);
    return again(again(again(first)));
  },
};

/** `Unhealthy` with a wish for what follows the teardown. */
export function tearingDown(type: ServiceType, then: AfterTeardown): ServiceSnapshot {
  const wish = { recover: [], start: [restart], stop: [stop], remove: [remove] }[then];
  return take(scenes.Unhealthy(type), ...wish);
}
