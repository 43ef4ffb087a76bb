import { describe, expect, it } from 'vitest';
import type { ServiceType } from '../../../src/actors/services.ts';
import type { SpawnRecord } from '../../../src/backends/backend.ts';
import { UnreadableRecordError } from '../../../src/store/errors.ts';
import type { EventLog } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { codeOf, order, Stage, turn } from '../../support/actors-fixtures.ts';
import { deferred } from '../../support/deferred.ts';

/** A gateway cut off while one service of each type ran, one of each started, and one of each was at rest. */
async function cutOff(log: EventLog = new MemoryLog()): Promise<Stage> {
  const stage = new Stage({}, 50, log);
  for (const type of ['OneShot', 'Persistent'] as const) {
    await stage.ready(`ready ${type}`, type);
    stage.registry.ensure(`starting ${type}`, order(type));
    await (await stage.start()).spawn();
    stage.registry.declare(`asleep ${type}`, order(type), false);
  }
  await turn();
  return stage;
}

const stateOf = (stage: Stage, kind: string, type: ServiceType) => stage.state(`${kind} ${type}`);

describe('booting on the log of a gateway that was cut off', () => {
  it('a Persistent service starts again; a OneShot has ended, and says why (invariant 4)', async () => {
    const next = (await cutOff()).nextLife();
    const report = await next.boot('gated');
    expect(report).toEqual({ interrupted: 4, coolingDown: 0 });
    for (const kind of ['ready', 'starting']) {
      expect(stateOf(next, kind, 'Persistent')).toBe('Pending.Starting');
      expect(stateOf(next, kind, 'OneShot')).toBe('Ended.Completed');
      expect(await next.admit(`${kind} OneShot`)).toMatchObject({
        code: '0006',
        reason: 'gateway restarted',
      });
    }
    expect(next.starts.map(({ request }) => request.id).sort()).toEqual([
      'ready Persistent',
      'starting Persistent',
    ]);
  });

  it('lazily, a Persistent service sleeps until somebody asks for it', async () => {
    const next = (await cutOff()).nextLife();
    await next.boot('lazy');
    expect([stateOf(next, 'ready', 'Persistent'), next.starts.length]).toEqual(['Pending.Asleep', 0]);
    expect(next.registry.live.size).toBe(0);
    expect(await next.verdict(next.admit('ready Persistent'))).toBe('held');
    expect((await next.start()).request.id).toBe('ready Persistent');
  });

  it.each(['OneShot', 'Persistent'] as const)(
    'a %s whose add was never answered is gone, and one that was told or that somebody found stays',
    async type => {
      const stage = new Stage();
      const { signal } = new AbortController();
      const add = () => void stage.registry.add(order(type), signal).catch(() => {});
      const idOf = async (number: number) => (await stage.start(number)).request.id;
      add();
      const told = await idOf(0);
      stage.starts[0]?.succeed();
      await turn();
      add();
      const found = await idOf(1);
      await stage.starts[1]?.spawn();
      stage.registry.ensure(found, order(type, 'another server'));
      add();
      const unknown = await idOf(2);
      void stage.starts[2]?.spawn();
      await turn();
      expect(stage.state(unknown)).toBe('Pending.Starting');

      const next = stage.nextLife();
      await next.boot();
      expect([next.log.ids(), next.broken]).toEqual([[told, found], []]);
      expect(next.starts.map(({ request }) => request.id)).not.toContain(unknown);
    },
  );

  it('an unanswered add that cannot be removed yet is started again, so that it is not forgotten (invariant 4)', async () => {
    const stage = new Stage();
    void stage.registry.add(order('Persistent'), new AbortController().signal).catch(() => {});
    const { id } = (await stage.start()).request;
    const next = stage.nextLife();
    next.space = 0;
    await next.boot();
    expect(next.broken).toEqual([id]);
    next.space = Number.POSITIVE_INFINITY;
    await next.pass(1000);
    expect(next.state(id)).toBe('Pending.Starting');
  });

  it('services at rest stay as they were, and out of memory', async () => {
    const next = (await cutOff()).nextLife();
    await next.boot('lazy');
    for (const type of ['OneShot', 'Persistent'] as const)
      expect(stateOf(next, 'asleep', type)).toBe('Pending.Asleep');
    expect(await codeOf(next.admit('asleep OneShot'))).toBe('0007');
    expect(next.registry.live.size).toBe(0);
  });

  it('what an earlier life left is ended before anybody is told or started (invariants 2 and 9)', async () => {
    const next = (await cutOff()).nextLife();
    const ended = deferred<void>();
    const asked: SpawnRecord[] = [];
    const records = next.log.lastSeq();
    const booting = next.boot('gated', recorded => {
      asked.push(...recorded);
      return ended.promise;
    });
    await turn();
    expect(asked.map(({ pid, startTicks }) => [pid, startTicks])).toHaveLength(4);
    expect([next.log.lastSeq(), next.starts.length]).toEqual([records, 0]);
    ended.resolve();
    await booting;
    expect(next.starts.length).toBe(2);
  });

  it('leftovers that do not end hold up their services’ starts, not the gateway (invariant 2)', async () => {
    const next = (await cutOff()).nextLife();
    const ended = deferred<void>();
    const booting = next.boot('gated', () => ended.promise);
    await turn();
    await next.pass(60_000);
    await booting;
    const request = next.admit('ready Persistent');
    const fresh = next.admit('new', { order: order('OneShot') });
    expect([await next.verdict(request), next.starts.map(s => s.request.id)]).toEqual(['held', ['new']]);
    ended.resolve();
    const start = await next.start(1);
    start.succeed();
    await turn();
    expect(await next.verdict(fresh)).toBe('held');
  });

  it('a service whose record cannot be read stops alone (invariant 6)', async () => {
    const memory = new MemoryLog();
    await cutOff(memory);
    const { head } = memory;
    memory.head = id => {
      if (id === 'ready Persistent') throw new UnreadableRecordError('record 7 is damaged');
      return head.call(memory, id);
    };
    const next = new Stage({}, 50, memory);
    await next.boot();
    expect(new Set(next.broken)).toEqual(new Set(['ready Persistent']));
    expect(stateOf(next, 'starting', 'Persistent')).toBe('Pending.Starting');
    expect(await codeOf(next.admit('ready Persistent'))).toBe('0005');
    await next.pass(60_000);
    expect(next.starts.length).toBe(1);
  });

  it('a restart that cannot be written is tried again: a Persistent service is not forgotten (invariant 4)', async () => {
    const next = (await cutOff()).nextLife();
    next.space = 0;
    await next.boot();
    expect([next.starts.length, next.registry.live.size]).toEqual([0, 0]);
    await next.pass(1000);
    next.space = Number.POSITIVE_INFINITY;
    await next.pass(1000);
    expect(next.starts.map(({ request }) => request.id).sort()).toEqual([
      'ready Persistent',
      'starting Persistent',
    ]);
    expect(stateOf(next, 'ready', 'OneShot')).toBe('Ended.Completed');
  });

  it('somebody who asks for it meanwhile, while the disk is still full, does not make it forgotten (invariant 4)', async () => {
    const next = (await cutOff()).nextLife();
    next.space = 0;
    await next.boot();
    expect(await codeOf(next.admit('ready Persistent'))).toBe('0009');
    next.space = Number.POSITIVE_INFINITY;
    await next.pass(1000);
    expect(stateOf(next, 'ready', 'Persistent')).toBe('Pending.Starting');
  });

  it('a removal that is only ended by whoever orders the service again is followed by its registration (invariant 7)', async () => {
    const stage = await cutOff();
    for (const lane of stage.lanes) lane.lingers = true;
    void stage.registry.remove('ready OneShot').catch(() => 'this life is over');
    await turn();
    const next = stage.nextLife();
    next.space = 0;
    await next.boot('lazy');
    next.space = Number.POSITIVE_INFINITY;
    await next.registry.ensure('ready OneShot', order('Persistent'));
    const [first] = next.log.read('ready OneShot');
    expect(first).toMatchObject({ n: 1, event: { type: 'registered', serviceType: 'Persistent' } });
    expect(next.state('ready OneShot')).toMatch(/^Pending/);
  });

  it('a cooldown that is over by then restarts, one that is not waits (invariant 5)', async () => {
    const stage = new Stage();
    stage.registry.ensure('cooling', order('Persistent'));
    (await stage.start()).fail();
    await turn();
    const next = stage.nextLife(400);
    expect(await next.boot()).toEqual({ interrupted: 0, coolingDown: 1 });
    expect([next.registry.live.size, next.state('cooling')]).toEqual([0, 'CoolingDown']);
    await next.pass(600);
    expect(next.state('cooling')).toBe('Pending.Starting');
  });

  it('starts go through the gate, no more at once than it has permits (invariant 10)', async () => {
    const stage = new Stage({}, 2);
    for (let n = 0; n < 5; n++) stage.registry.declare(`s${n}`, order('Persistent'), true);
    await turn();
    const next = stage.nextLife();
    await next.boot();
    expect([next.starts.length, next.gate.waiting]).toEqual([2, 3]);
    for (const start of next.starts) start.succeed();
    await turn();
    expect(next.starts.length).toBe(4);
  });
});
