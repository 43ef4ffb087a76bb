import { describe, expect, it } from 'vitest';
import { type Vitals, VitalsMeter } from '../../../src/actors/vitals.ts';
import type { TreeUsage } from '../../../src/backends/stdio/tree-usage.ts';
import { order, Stage, turn } from '../../support/actors-fixtures.ts';

function meterOf(stage: Stage) {
  const trees = new Map<number, TreeUsage>();
  const faults: unknown[] = [];
  let looks = 0;
  let shortage = false;
  const meter = new VitalsMeter({
    live: stage.registry.live,
    clock: stage.clock,
    readTrees: async () => {
      looks++;
      if (shortage) throw new Error('too many open files');
      return trees;
    },
    onFault: error => faults.push(error),
  });
  const told: Vitals[] = [];
  return {
    ...{ meter, trees, faults, told },
    looks: () => looks,
    runShort: () => {
      shortage = true;
    },
    follow: () => meter.follow(vitals => told.push(vitals)),
  };
}

const tree = (rssBytes: number, cpuMs: Record<string, number>): TreeUsage => ({
  rssBytes,
  cpuMs: new Map(Object.entries(cpuMs)),
});

describe('the vitals of services', () => {
  it('are those of services that run, and nobody else', async () => {
    const stage = new Stage();
    const { meter, trees, told, follow } = meterOf(stage);
    stage.registry.declare('asleep', order('OneShot'), false);
    Object.assign(await stage.ready('up', 'Persistent'), { openSessions: 2, inFlight: 1 });
    stage.registry.ensure('starting', order('OneShot'));
    await (await stage.start(1)).spawn(150);
    trees.set(101, tree(4096, {}));
    follow();
    await turn();
    expect(await meter.of('asleep')).toBeNull();
    expect(await meter.of('nobody')).toBeNull();
    expect(told[0]?.at).toBe(0);
    expect(told[0]?.services).toEqual([
      { id: 'up', sessions: 2, inFlight: 1, held: 0, pid: 101, rssBytes: 4096, cpuPercent: null },
      { id: 'starting', sessions: 0, inFlight: 0, held: 0, pid: 150, rssBytes: null, cpuPercent: null },
    ]);
  });

  it('tell what share of a core its processes took since the last look: the same ones, and new ones', async () => {
    const stage = new Stage();
    const { meter, trees } = meterOf(stage);
    await stage.ready('a', 'Persistent');
    const cpu = async (ms: number, cpuMs: Record<string, number>) => {
      await stage.pass(ms);
      trees.set(101, tree(1, cpuMs));
      return (await meter.of('a'))?.own.cpuPercent;
    };
    expect(await cpu(0, { '101.1': 5000 })).toBeNull();
    expect(await cpu(2000, { '101.1': 6000 })).toBe(50);
    expect(await cpu(2000, { '101.1': 6000, '102.7': 300 })).toBe(15);
    expect(await cpu(2000, { '102.7': 301 })).toBe(0.1);
    expect(await cpu(60_000, { '102.7': 9000 })).toBeNull();
    expect(await cpu(2000, { '102.7': 9000 })).toBe(0);
  });

  it('are measured once for all who ask, and again only when they are old, or of another process', async () => {
    const stage = new Stage();
    const { meter, looks } = meterOf(stage);
    await stage.ready('a', 'Persistent');
    const [first, second] = await Promise.all([meter.of('a'), meter.of('a')]);
    expect([second?.own === first?.own, looks()]).toEqual([true, 1]);
    await stage.pass(1999);
    expect((await meter.of('a'))?.own).toBe(first?.own);
    await stage.pass(1);
    expect(await meter.of('a')).toMatchObject({ at: 2000 });
    expect(looks()).toBe(2);
    stage.registry.request('a', 'restart requested');
    await (await stage.start(1)).spawn(777);
    expect(await meter.of('a')).toMatchObject({ own: { pid: 777 } });
    expect(looks()).toBe(3);
  });

  it('are told every 2 s while somebody follows, to all at once, and not measured when nobody does', async () => {
    const stage = new Stage();
    const { follow, told, looks } = meterOf(stage);
    await stage.ready('a', 'Persistent');
    const leave = follow();
    const leaveToo = follow();
    await turn();
    expect([looks(), told.length]).toEqual([1, 2]);
    expect(told[1]).toBe(told[0]);
    await stage.pass(2000);
    expect([looks(), told.length]).toEqual([2, 4]);
    const leaveLate = follow();
    expect(told).toHaveLength(5);
    for (const each of [leave, leaveToo, leaveLate]) each();
    await stage.pass(10_000);
    expect(looks()).toBe(2);
    follow();
    await turn();
    await stage.pass(2000);
    expect([looks(), told.length]).toEqual([4, 7]);
  });

  it('given a follower that leaves and another that comes while it is measured, then there is one round', async () => {
    const stage = new Stage();
    const { follow, told, looks } = meterOf(stage);
    await stage.ready('a', 'Persistent');
    follow()();
    follow();
    await turn();
    await stage.pass(2000);
    expect([looks(), told.length]).toEqual([2, 2]);
  });

  it('given a system that is short of files, then the rest is told all the same', async () => {
    const stage = new Stage();
    const { meter, faults, runShort } = meterOf(stage);
    await stage.ready('a', 'Persistent');
    runShort();
    expect(await meter.of('a')).toMatchObject({ own: { pid: 101, rssBytes: null, cpuPercent: null } });
    expect(faults).toMatchObject([{ message: 'too many open files' }]);
  });

  it('given a system that does not tell of processes, then who uses a service still is', async () => {
    const stage = new Stage();
    await stage.ready('a', 'Persistent');
    const { live } = stage.registry;
    const meter = new VitalsMeter({ live, clock: stage.clock, readTrees: null, onFault: () => {} });
    expect(await meter.of('a')).toMatchObject({ own: { id: 'a', rssBytes: null } });
  });
});
