import { describe, expect, it } from 'vitest';
import type { ServiceType } from '../../../src/actors/services.ts';
import * as given from '../../support/machine-fixtures.ts';
import { at, type Happening, type Scene, scenes, take } from '../../support/machine-fixtures.ts';

const { start, permitted, succeeded, failed, lost, finished, silent, answered, idle } = given;
const { restart, stop, remove, gated, lazy, diverged, spawned } = given;

const BOTH: readonly ServiceType[] = ['OneShot', 'Persistent'];
const decisive: Happening = { type: 'probe failed', reason: 'no answer', decisive: true };

/** From a scene, an event, to: a state for both types, or one for each. */
type Row = readonly [Scene, Happening, string | readonly [oneShot: string, persistent: string]];

const SAME: readonly Row[] = [
  ['Asleep', start, 'Pending.Queued'],
  ['Asleep', restart, 'Pending.Queued'],
  ['Asleep', stop, 'Ended.Completed'],
  ['Asleep', remove, 'Removed'],
  ['Asleep', gated, 'Pending.Asleep'],
  ['Asleep', diverged, 'Ended.Failed'],
  ['Queued', permitted, 'Pending.Starting'],
  ['Queued', start, 'Pending.Queued'],
  ['Queued', stop, 'Ended.Completed'],
  ['Queued', remove, 'Removed'],
  ['Queued', gated, ['Ended.Completed', 'Pending.Queued']],
  ['Queued', lazy, ['Ended.Completed', 'Pending.Asleep']],
  ['Starting', succeeded, 'Ready.Healthy'],
  ['Starting', spawned, 'Pending.Starting'],
  ['Starting', failed, ['Ended.Failed', 'CoolingDown']],
  ['Starting', stop, 'Ended.Completed'],
  ['Starting', restart, 'Unhealthy'],
  ['Starting', remove, 'Unhealthy'],
  ['Starting', gated, ['Ended.Completed', 'Pending.Queued']],
  ['Starting', lazy, ['Ended.Completed', 'Pending.Asleep']],
  ['Ready', start, 'Ready.Healthy'],
  ['Ready', answered, 'Ready.Healthy'],
  ['Ready', silent, 'Ready.Suspect'],
  ['Ready', decisive, 'Unhealthy'],
  ['Ready', lost, 'Unhealthy'],
  ['Ready', idle, ['Ended.Completed', 'Pending.Asleep']],
  ['Ready', stop, 'Ended.Completed'],
  ['Ready', restart, 'Unhealthy'],
  ['Ready', remove, 'Unhealthy'],
  ['Ready', gated, ['Ended.Completed', 'Pending.Queued']],
  ['Ready', lazy, ['Ended.Completed', 'Pending.Asleep']],
  ['Suspect', answered, 'Ready.Healthy'],
  ['Suspect', silent, 'Unhealthy'],
  ['Suspect', decisive, 'Unhealthy'],
  ['Suspect', lost, 'Unhealthy'],
  ['Suspect', idle, ['Ended.Completed', 'Pending.Asleep']],
  ['Unhealthy', finished, ['Ended.Completed', 'CoolingDown']],
  ['Unhealthy', gated, ['Ended.Completed', 'CoolingDown']],
  ['Unhealthy', start, 'Unhealthy'],
  ['Unhealthy', stop, 'Unhealthy'],
  ['Unhealthy', remove, 'Unhealthy'],
  ['Stopping', finished, 'Ended.Completed'],
  ['Stopping', remove, 'Unhealthy'],
  ['Stopping', start, 'Pending.Queued'],
  ['Completed', start, 'Pending.Queued'],
  ['Completed', restart, 'Pending.Queued'],
  ['Completed', stop, 'Ended.Completed'],
  ['Completed', remove, 'Removed'],
  ['Completed', gated, 'Ended.Completed'],
  ['Failed', start, 'Pending.Queued'],
  ['Failed', restart, 'Pending.Queued'],
  ['Failed', stop, 'Ended.Failed'],
  ['Failed', remove, 'Removed'],
];

const COOLING: readonly Row[] = [
  ['CoolingDown', start, 'CoolingDown'],
  ['CoolingDown', restart, 'Pending.Queued'],
  ['CoolingDown', stop, 'Ended.Completed'],
  ['CoolingDown', remove, 'Removed'],
  ['CoolingDown', gated, 'CoolingDown'],
  ['CoolingDown', diverged, 'Ended.Failed'],
];

const rows = [
  ...BOTH.flatMap(type => SAME.map(([from, event, to]) => ({ type, from, event, to }))),
  ...COOLING.map(([from, event, to]) => ({ type: 'Persistent' as const, from, event, to })),
].map(row => ({
  ...row,
  to: typeof row.to === 'string' ? row.to : row.to[row.type === 'OneShot' ? 0 : 1],
}));

describe('the life of a service, transition by transition', () => {
  it.each(rows)('a $type service in $from is, after "$event.type", in $to', ({ type, from, event, to }) => {
    expect(at(take(scenes[from](type), event))).toBe(to);
  });

  it.each(['start', 'stop', 'remove'] as const)('what follows a teardown is what was asked for: %s', then => {
    for (const type of BOTH) {
      const over = take(given.tearingDown(type, then), finished);
      expect(at(over)).toBe({ start: 'Pending.Queued', stop: 'Ended.Completed', remove: 'Removed' }[then]);
    }
  });

  it('a removal that was asked for is never taken back by a later wish', () => {
    for (const type of BOTH) {
      const over = take(given.tearingDown(type, 'remove'), stop, start, restart, finished);
      expect(at(over)).toBe('Removed');
    }
  });

  it('a Persistent service that outlasted its cooldown restarts at once when it is lost', () => {
    const ready = scenes.Ready('Persistent');
    const over = take(ready, { ...lost, at: ready.context.since + 1001 } as Happening, finished);
    expect(at(over)).toBe('Pending.Queued');
    expect(over.context).toMatchObject({ restarts: 1, failures: 0, incident: { kind: 'loss' } });
  });

  it('an explicit start forgets what went wrong before', () => {
    for (const type of BOTH) {
      const { failures, incident, dueAt } = take(scenes.Failed(type), start).context;
      expect({ failures, incident, dueAt }).toEqual({ failures: 0, incident: null, dueAt: null });
    }
  });

  it('readyAt is the time the present backend became ready, and null while there is none', () => {
    for (const type of BOTH) {
      const without = ['Asleep', 'Queued', 'Starting', 'Completed', 'Failed'] as const;
      for (const scene of without) expect(scenes[scene](type).context.readyAt, scene).toBeNull();
      expect(take(given.tearingDown(type, 'start'), finished).context.readyAt).toBeNull();
      expect(scenes.Ready(type).context.readyAt).toBe(0);
    }
  });

  it('says why it ended', () => {
    const reasons = (['Completed', 'Failed'] as const).map(
      scene => scenes[scene]('OneShot').context.incident?.reason,
    );
    expect(reasons).toEqual(['stopped on request', 'command not found']);
    expect(take(scenes.Ready('OneShot'), idle).context.incident?.reason).toBe('idle for 300 s');
    expect(take(scenes.Ready('OneShot'), gated).context.incident?.reason).toBe('gateway restarted');
  });
});
