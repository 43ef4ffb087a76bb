import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import type { Demand, LaneNeed, ServiceType } from '../../../src/actors/services.ts';
import { StartFailure } from '../../../src/backends/backend.ts';
import { codeOf, demand, order, outcome, Stage, settings, turn } from '../../support/actors-fixtures.ts';
import { MODERN, sessionNeed } from '../../support/lane-stage.ts';

const ID = 'tools';
const OWN = sessionNeed('s');

const admit = (stage: Stage, need: LaneNeed, changes: Partial<Demand> = {}) =>
  outcome(() => stage.registry.admit(ID, demand(changes), need));

const pids = (stage: Stage) =>
  stage.registry.live.get(ID).state.context.processes.map(({ pid, lane }) => [pid, lane]);

/** A service that is ready, and a session's own lane. */
async function withOwnLane(type: ServiceType = 'Persistent', stage = new Stage()) {
  const first = await stage.ready(ID, type);
  const request = admit(stage, OWN);
  const start = await stage.start();
  await start.spawn(300);
  const own = start.succeed();
  expect(await request).toBe(own);
  return { stage, first, own };
}

describe('admission to lanes beside the first', () => {
  it('a session that needs its own gets it, at once when it is there', async () => {
    const { stage, first, own } = await withOwnLane();
    expect(stage.registry.admit(ID, demand(), OWN)).toBe(own);
    expect(stage.registry.admit(ID, demand(), sessionNeed('plain', {}))).toBe(first);
    expect(stage.registry.admit(ID, demand())).toBe(first);
  });

  it('a request held for the start waits on for its lane, no longer than it would have waited (contract §5)', async () => {
    const stage = new Stage({ startTimeoutMs: 100_000 });
    const requests = [
      admit(stage, OWN, { order: order('OneShot') }),
      admit(stage, OWN, { order: order('OneShot'), waitMs: 3000 }),
    ] as const;
    const first = await stage.start();
    await stage.pass(2000);
    first.succeed();
    const own = await stage.start(1);
    await stage.pass(999);
    expect(await stage.verdict(requests[1])).toBe('held');
    await stage.pass(1);
    expect(await codeOf(requests[1])).toBe('0003');
    const lane = own.succeed();
    expect(await requests[0]).toBe(lane);
  });

  it('the launch of a lane may be silent for as long as that of the first', async () => {
    const stage = new Stage({ startTimeoutMs: 12_345 });
    void admit(stage, OWN, { order: order('OneShot') });
    const first = await stage.start();
    first.succeed();
    const own = await stage.start(1);
    expect([first, own].map(({ request }) => request.startTimeoutMs)).toEqual([12_345, 12_345]);
    own.succeed();
  });

  it('the lane of a session is probed when that is silent, whatever the first does', async () => {
    const { stage, first, own } = await withOwnLane();
    await stage.pass(settings.healthTtlMs + 1);
    first.lastSignOfLifeAt = stage.clock.now();
    const request = admit(stage, OWN);
    expect([own.probes.length, first.probes.length, await stage.verdict(request)]).toEqual([1, 0, 'held']);
    own.probes[0]?.resolve();
    expect(await request).toBe(own);
    own.lastSignOfLifeAt = stage.clock.now();
    expect(stage.registry.admit(ID, demand(), OWN)).toBe(own);
  });

  it('one that does not answer is replaced; the service stays as it is', async () => {
    const { stage, own } = await withOwnLane();
    await stage.pass(settings.healthTtlMs + 1);
    const request = admit(stage, OWN);
    own.probes[0]?.reject(new Error('no answer to ping'));
    const next = (await stage.start(2)).succeed();
    expect([await request, own.closes, stage.state(ID)]).toEqual([next, 1, 'Ready.Healthy']);
  });

  it('one that is busy is not given up for one unanswered probe', async () => {
    const { stage, own } = await withOwnLane();
    await stage.pass(settings.healthTtlMs + 1);
    own.load = 1;
    const request = admit(stage, OWN);
    own.probes[0]?.reject(new Error('no answer to ping'));
    expect([await request, own.closes]).toEqual([own, 0]);
  });

  it('a config that came later is for the next start (contract §3)', async () => {
    const stage = new Stage();
    await stage.ready(ID, 'OneShot');
    stage.registry.ensure(ID, order('OneShot', 'another-server'));
    void admit(stage, OWN);
    const { config } = (await stage.start()).request;
    expect(config).toMatchObject({ command: 'server' });
  });

  it('what a backend says of the modern era goes with the refusal', async () => {
    const stage = new Stage();
    await stage.ready(ID, 'OneShot');
    const request = admit(stage, MODERN);
    (await stage.start()).fail(new StartFailure('method not found', 'modern'));
    expect(await request).toMatchObject({ code: '0005', unspoken: 'modern' });
  });

  it('with isolation shared, the first lane offers what clients can be asked', async () => {
    const stage = new Stage();
    const { config, type } = order('OneShot');
    stage.registry.ensure(ID, { type, config: { ...config, isolation: 'shared' } });
    const { introduction } = (await stage.start()).request;
    expect(introduction).toMatchObject({
      era: 'legacy',
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
    });
  });
});

describe('the processes of lanes beside the first (invariants 7 and 9)', () => {
  it('are on record while they are there, each with its lane', async () => {
    const { stage } = await withOwnLane();
    expect(pids(stage)).toEqual([
      [101, undefined],
      [300, 1],
    ]);
    stage.registry.releaseSession(ID, 's');
    await turn();
    expect(pids(stage)).toEqual([[101, undefined]]);
    const records = stage.log.read(ID);
    expect(records.map(({ event }) => event.type).slice(-2)).toEqual(['lane spawned', 'lane ended']);
    expect(verify(records)).toBeNull();
  });

  it('are ended by the next boot when the gateway was killed', async () => {
    const { stage } = await withOwnLane();
    const ended: number[] = [];
    const next = stage.nextLife();
    await next.boot('gated', async recorded => ended.push(...recorded.map(({ pid }) => pid)));
    expect(ended).toEqual([101, 300]);
    expect(pids(next)).toEqual([]);
  });

  it('a spawn that cannot be recorded is undone, and the request refused 0005', async () => {
    const stage = new Stage();
    await stage.ready(ID, 'Persistent');
    const request = admit(stage, OWN);
    const start = await stage.start();
    stage.space = 0;
    await expect(start.spawn(300)).rejects.toThrow('could not be recorded');
    start.fail('its process could not be recorded');
    expect([await codeOf(request), stage.state(ID)]).toEqual(['0005', 'Ready.Healthy']);
  });

  it('ends that cannot be recorded are told again until they can be, each of them', async () => {
    const { stage } = await withOwnLane();
    const other = admit(stage, sessionNeed('other'));
    const start = await stage.start();
    await start.spawn(301);
    start.succeed();
    await other;
    stage.space = 0;
    for (const session of ['s', 'other']) stage.registry.releaseSession(ID, session);
    await stage.pass(1000);
    expect(pids(stage)).toHaveLength(3);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    expect(pids(stage)).toEqual([[101, undefined]]);
  });

  it('an end that could not be recorded is recorded before the next spawn: no more on record than may be (invariant 10)', async () => {
    const { stage } = await withOwnLane();
    stage.space = 0;
    stage.registry.releaseSession(ID, 's');
    await turn();
    stage.space = Number.POSITIVE_INFINITY;
    void admit(stage, sessionNeed('next'));
    const start = await stage.start();
    await start.spawn(301);
    expect(pids(stage)).toEqual([
      [101, undefined],
      [301, 2],
    ]);
    const told = () => stage.log.read(ID).filter(({ event }) => event.type.startsWith('lane ')).length;
    const before = told();
    await stage.pass(1000);
    expect(told()).toBe(before);
  });
});

describe('the end of a service (invariant 2)', () => {
  it.each(['first', 'own'] as const)(
    'a restart waits until the processes of all lanes are gone (the %s last)',
    async last => {
      const { stage, first, own } = await withOwnLane();
      await stage.pass(10_000);
      for (const lane of [first, own]) lane.lingers = true;
      first.lose();
      await turn();
      const [sooner, later] = last === 'own' ? [first, own] : [own, first];
      sooner.gone.resolve();
      await turn();
      expect([stage.state(ID), own.closes, stage.starts.length]).toEqual(['Unhealthy', 1, 2]);
      later.gone.resolve();
      await turn();
      expect([stage.state(ID), stage.starts.length]).toEqual(['Pending.Starting', 3]);
    },
  );

  it('a launch under way is aborted, who waits for it is refused, and its process is waited for', async () => {
    const stage = new Stage();
    const first = await stage.ready(ID, 'Persistent');
    const request = admit(stage, OWN);
    const start = await stage.start();
    await start.spawn(300);
    start.lingers = true;
    await stage.pass(10_000);
    first.lose();
    await turn();
    expect([await codeOf(request), start.aborted, stage.state(ID)]).toEqual(['0005', true, 'Unhealthy']);
    start.fail('cancelled');
    await turn();
    expect([stage.state(ID), pids(stage)]).toEqual(['Pending.Starting', []]);
  });

  it('a removal resolves when all of them are gone, and nothing stays in memory', async () => {
    const { stage, own } = await withOwnLane();
    own.lingers = true;
    let removed = false;
    const removal = stage.registry.remove(ID).then(() => {
      removed = true;
    });
    await turn();
    expect(removed).toBe(false);
    own.gone.resolve();
    await removal;
    await turn();
    expect([stage.state(ID), stage.registry.live.size]).toEqual(['unknown', 0]);
  });

  it('the gateway stops when all of them are gone; who waits for one is refused 0003 before', async () => {
    const { stage, own } = await withOwnLane();
    const waiting = admit(stage, sessionNeed('late'));
    await turn();
    stage.registry.live.refuseAll();
    expect(await codeOf(waiting)).toBe('0003');
    own.lingers = true;
    let stopped = false;
    const stop = stage.registry.live.stop().then(() => {
      stopped = true;
    });
    await turn();
    expect(stopped).toBe(false);
    own.gone.resolve();
    await stop;
    expect(stopped).toBe(true);
  });
});

describe('idleness', () => {
  it('a service is in use while any of its lanes is', async () => {
    const { stage, first, own } = await withOwnLane('OneShot', new Stage({ laneIdleMs: 0 }));
    own.load = 1;
    await stage.pass(settings.oneShotIdleMs);
    expect(stage.state(ID)).toBe('Ready.Healthy');
    await stage.pass(1000);
    own.load = 0;
    own.lastUsedAt = stage.clock.now();
    await stage.pass(settings.oneShotIdleMs - 1);
    expect(stage.state(ID)).toBe('Ready.Healthy');
    await stage.pass(1);
    expect([stage.state(ID), first.closes, own.closes]).toEqual(['Ended.Completed', 1, 1]);
  });
});
