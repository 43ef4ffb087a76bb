import { describe, expect, it } from 'vitest';
import type { ServiceSnapshot } from '../../../src/actors/replay.ts';
import type { ServiceType } from '../../../src/actors/services.ts';
import {
  answered,
  at,
  configured,
  failed,
  finished,
  type Happening,
  idle,
  lost,
  permitted,
  remove,
  restart,
  scenes,
  silent,
  spawned,
  start,
  stop,
  succeeded,
  take,
} from '../../support/machine-fixtures.ts';

const BOTH: readonly ServiceType[] = ['OneShot', 'Persistent'];
const REPORTS = [spawned, succeeded, failed, answered, silent, lost, idle, finished];
const stale = (event: Happening) => ({ ...event, generation: 1 }) as Happening;

/** A second start, brought as far as the scene's name says. */
type Second = 'Starting' | 'Ready' | 'Suspect' | 'Unhealthy';
const second: Record<Second, (type: ServiceType) => ServiceSnapshot> = {
  Starting: type => take(scenes.Completed(type), start, permitted),
  Ready: type => take(second.Starting(type), spawned, succeeded),
  Suspect: type => take(second.Ready(type), silent),
  Unhealthy: type => take(second.Ready(type), lost),
};

describe('starts and their generations', () => {
  it('each start has its own generation', () => {
    for (const type of BOTH) {
      expect(scenes.Starting(type).context.generation).toBe(1);
      expect(second.Starting(type).context.generation).toBe(2);
    }
  });

  const states = Object.keys(second) as Second[];
  it.each(states.flatMap(state => REPORTS.map(event => ({ state, event }))))(
    'in $state late news of an earlier start, "$event.type", changes nothing',
    ({ state, event }) => {
      for (const type of BOTH) {
        const before = second[state](type);
        const after = take(before, stale(event));
        expect(after.value).toEqual(before.value);
        expect(after.context).toEqual(before.context);
      }
    },
  );

  it('a process is on record from its spawn to the end of its teardown (invariant 2)', () => {
    for (const type of BOTH) {
      const pids = (state: { context: { processes: readonly { pid: number }[] } }) =>
        state.context.processes.map(({ pid }) => pid);
      const starting = scenes.Spawned(type);
      expect(pids(starting)).toEqual([7]);
      expect(pids(take(starting, succeeded, lost))).toEqual([7]);
      expect(pids(take(starting, succeeded, lost, finished))).toEqual([]);
      expect(pids(take(starting, failed))).toEqual([]);
      expect(pids(scenes.Stopping(type))).toEqual([7]);
      expect(pids(scenes.Completed(type))).toEqual([]);
    }
  });

  it('the end of an earlier teardown forgets that start’s process and no later one', () => {
    for (const type of BOTH) {
      const process = { pid: 8, pgid: 8, startTicks: 80 };
      const two = take(scenes.Stopping(type), start, permitted, { type: 'spawned', process } as Happening);
      expect(two.context.processes.map(({ pid }) => pid)).toEqual([7, 8]);
      expect(take(two, stale(finished)).context.processes.map(({ pid }) => pid)).toEqual([8]);
    }
  });

  it.each(['Spawned', 'Ready', 'Suspect', 'Unhealthy', 'Stopping'] as const)(
    'removing a service in %s tears its processes down first',
    scene => {
      for (const type of BOTH) {
        const removing = take(scenes[scene](type), remove);
        expect([at(removing), removing.context.afterTeardown]).toEqual(['Unhealthy', 'remove']);
        const removed = take(removing, finished);
        expect([at(removed), removed.status]).toEqual(['Removed', 'done']);
      }
    },
  );
});

describe('a config or type that differs (contract §3)', () => {
  it('is remembered, and restarts nothing', () => {
    for (const type of BOTH) {
      const other = type === 'OneShot' ? 'Persistent' : 'OneShot';
      const ready = take(scenes.Ready(type), configured(other));
      expect(at(ready)).toBe('Ready.Healthy');
      expect(ready.context).toMatchObject({ type, nextType: other, config: 'config-2', generation: 1 });
    }
  });

  it('replaces the type at the next explicit start', () => {
    for (const wish of [start, restart]) {
      const ended = take(scenes.Completed('OneShot'), configured('Persistent'));
      expect(ended.context.type).toBe('OneShot');
      expect(take(ended, wish).context).toMatchObject({ type: 'Persistent', nextType: null });
    }
  });

  it('takes no effect when the gateway restarts a service by itself (invariant 4)', () => {
    const lostSoon = take(scenes.Ready('Persistent'), configured('OneShot'), lost, finished);
    expect(at(lostSoon)).toBe('CoolingDown');
    expect(lostSoon.context).toMatchObject({ type: 'Persistent', nextType: 'OneShot' });
  });

  it('sent back as it was before the start, it leaves nothing to change', () => {
    const there = take(scenes.Ready('OneShot'), configured('Persistent'));
    expect(take(there, configured('OneShot')).context.nextType).toBeNull();
  });

  it('that does not differ changes nothing', () => {
    const ready = scenes.Ready('OneShot');
    expect(take(ready, configured('OneShot', 'config-1')).context).toEqual(ready.context);
  });

  it('after a stop the type that was sent meanwhile waits for the next start', () => {
    const stopped = take(scenes.Ready('OneShot'), configured('Persistent'), stop, finished);
    expect([at(stopped), stopped.context.type]).toEqual(['Ended.Completed', 'OneShot']);
  });
});
