import { describe, expect, it } from 'vitest';
import type { ServiceSnapshot } from '../../../src/actors/replay.ts';
import type { ServiceType } from '../../../src/actors/services.ts';
import { at, finished, gated, type Happening, lost, scenes, take } from '../../support/machine-fixtures.ts';

const process = (pid: number) => ({ pid, pgid: pid, startTicks: pid * 10 });
const spawned = (lane: number, changes: object = {}) =>
  ({ type: 'lane spawned', lane, process: process(100 + lane), ...changes }) as Happening;
const ended = (lane: number, changes: object = {}) =>
  ({ type: 'lane ended', lane, reason: 'the session has ended', ...changes }) as Happening;

const lanesOf = ({ context }: ServiceSnapshot) => context.processes.map(({ lane }) => lane ?? 'first');
const TYPES: readonly ServiceType[] = ['OneShot', 'Persistent'];

describe.each(TYPES)('the lanes of a %s service beside its first', type => {
  const ready = () => scenes.Ready(type);

  it('their processes are remembered with their lane, and forgotten one by one', () => {
    const both = take(ready(), spawned(1), spawned(2));
    expect(both.context.processes.at(-1)).toEqual({ ...process(102), generation: 1, lane: 2 });
    expect(lanesOf(both)).toEqual(['first', 1, 2]);
    expect(lanesOf(take(both, ended(1)))).toEqual(['first', 2]);
    expect(lanesOf(take(both, ended(1), ended(2)))).toEqual(['first']);
  });

  it('the state is that of the first lane: they change none', () => {
    const suspect = scenes.Suspect(type);
    for (const event of [spawned(1), ended(1)]) {
      expect(at(take(ready(), event))).toBe('Ready.Healthy');
      expect(at(take(suspect, event))).toBe('Ready.Suspect');
      expect(take(suspect, event).context.misses).toBe(suspect.context.misses);
    }
  });

  it('a spawn is not remembered where no lane can be used, or when it is of an earlier start', () => {
    for (const scene of ['Starting', 'Unhealthy', 'Stopping', 'Completed', 'Failed'] as const)
      expect(lanesOf(take(scenes[scene](type), spawned(1))), scene).not.toContain(1);
    expect(lanesOf(take(ready(), spawned(1, { generation: 0 })))).toEqual(['first']);
  });

  it('the end of a lane of an earlier start leaves that of the same number alone', () => {
    expect(lanesOf(take(ready(), spawned(1), ended(1, { generation: 0 })))).toEqual(['first', 1]);
  });

  it('all are forgotten when the backend is torn down, and when the gateway restarted', () => {
    const both = take(ready(), spawned(1), spawned(2));
    expect(lanesOf(take(both, lost))).toEqual(['first', 1, 2]);
    expect(lanesOf(take(both, lost, finished))).toEqual([]);
    expect(lanesOf(take(both, gated))).toEqual([]);
  });
});
