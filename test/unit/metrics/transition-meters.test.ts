import { describe, expect, it } from 'vitest';
import { TransitionMeters } from '../../../src/metrics/transition-meters.ts';
import { order, Stage } from '../../support/actors-fixtures.ts';

function given(changes: ConstructorParameters<typeof Stage>[0] = {}) {
  const stage = new Stage(changes);
  const meters = new TransitionMeters(stage.registry.live.events);
  const starts = () =>
    Object.fromEntries(
      Object.entries(meters.starts).map(([outcome, { counts, sumMs }]) => [
        outcome,
        [Array.from(counts).reduce((sum, count) => sum + count), sumMs],
      ]),
    );
  return { stage, meters, starts };
}

describe('what the bus tells, in numbers', () => {
  it('given starts that succeed, fail and are given up, then each is counted with its duration', async () => {
    const { stage, starts } = given();
    for (const id of ['a', 'b', 'c']) stage.registry.ensure(id, order('OneShot'));
    const [a, b] = [await stage.start(0), await stage.start(1)];
    await a.spawn();
    await stage.pass(1500);
    a.succeed();
    await stage.pass(0);
    await stage.pass(500);
    b.fail();
    await stage.pass(0);
    await stage.registry.remove('c');
    expect(starts()).toEqual({ success: [1, 1500], failure: [1, 2000], cancelled: [1, 2000] });
  });

  it('given a backend that is lost, then its restart is counted, and the start that was asked for is not', async () => {
    const { stage, meters } = given();
    const lane = await stage.ready('a', 'Persistent');
    expect(meters.restarts).toBe(0);
    lane.lose();
    await stage.pass(stage.registry.status('a')?.retryAfterMs ?? 0);
    await stage.pass(60_000);
    expect(meters.restarts).toBe(1);
  });

  it('given a disk that is full, then what could not be written is counted, and is no transition', async () => {
    const { stage, meters } = given();
    await stage.ready('a', 'Persistent');
    const before = [...meters.transitions.values()].reduce((sum, { count }) => sum + count, 0);
    stage.space = 0;
    await expect(stage.registry.remove('a')).rejects.toThrow('0009');
    const after = [...meters.transitions.values()].reduce((sum, { count }) => sum + count, 0);
    expect([meters.unwritten, after - before]).toEqual([1, 0]);
  });
});
