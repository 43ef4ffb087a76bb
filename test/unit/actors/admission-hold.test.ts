import { describe, expect, it } from 'vitest';
import type { ServiceType } from '../../../src/actors/services.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { codeOf, order, Stage, settings, turn } from '../../support/actors-fixtures.ts';
import { faultyLog, StorageFaults } from '../../support/faulty-log.ts';

const ID = 'tools';

async function starting(type: ServiceType = 'OneShot', stage = new Stage()): Promise<Stage> {
  stage.registry.ensure(ID, order(type));
  await turn();
  return stage;
}

async function coolingDown(): Promise<Stage> {
  const stage = await starting('Persistent');
  (await stage.start()).fail('command not found');
  await turn();
  expect(stage.state(ID)).toBe('CoolingDown');
  return stage;
}

describe('requests that are held for a start (contract §5)', () => {
  it('30 concurrent explicit first requests cause one start, and all get its lane (invariant 1)', async () => {
    const stage = new Stage();
    const requests = Array.from({ length: 30 }, () => stage.admit(ID, { order: order('OneShot') }));
    const lane = (await stage.start()).succeed();
    expect(new Set(await Promise.all(requests))).toEqual(new Set([lane]));
    expect(stage.starts.length).toBe(1);
  });

  it('30 concurrent first requests with different configs cause one start, and all get its lane', async () => {
    const stage = new Stage();
    const requests = Array.from({ length: 30 }, (_, n) =>
      stage.admit(ID, { order: order(n % 2 ? 'OneShot' : 'Persistent', `server-${n}`) }),
    );
    const lane = (await stage.start()).succeed();
    expect(new Set(await Promise.all(requests))).toEqual(new Set([lane]));
    expect(stage.starts.length).toBe(1);
  });

  it('wait for pendingWaitMs and not longer: 0003, with a time to try again (invariant 3)', async () => {
    const stage = await starting();
    const request = stage.admit(ID);
    await stage.pass(settings.pendingWaitMs - 1);
    expect(await stage.verdict(request)).toBe('held');
    await stage.pass(1);
    expect(await request).toMatchObject({ code: '0003', retryAfterMs: 1000 });
  });

  it('wait as long as they asked for', async () => {
    const stage = await starting();
    const [brief, patient] = [stage.admit(ID, { waitMs: 500 }), stage.admit(ID, { waitMs: 60_000 })];
    await stage.pass(500);
    expect(await codeOf(brief)).toBe('0003');
    await stage.pass(settings.pendingWaitMs);
    expect(await stage.verdict(patient)).toBe('held');
  });

  it('wait from their arrival on: a log that is slow to write does not prolong it (invariant 3)', async () => {
    const faults = new StorageFaults();
    const stall = (ms: number) => stage.clock.increment(ms);
    const log = faultyLog(new MemoryLog(), { faults, stall, stop: () => {}, isOver: () => false });
    const stage = new Stage({}, 50, log);
    stage.registry.declare(ID, order('Persistent'), false);
    faults.appends.push('slow');
    expect(await codeOf(stage.admit(ID, { waitMs: 500 }))).toBe('0003');
    await turn();
    expect(stage.state(ID)).toBe('Pending.Starting');
  });

  it('with wait=0 are answered at once, and start what they would have waited for', async () => {
    const stage = new Stage();
    expect(await codeOf(stage.admit(ID, { order: order('OneShot'), waitMs: 0 }))).toBe('0003');
    (await stage.start()).succeed();
    await turn();
    expect(await codeOf(stage.admit(ID, { waitMs: 0 }))).toBe('lane');
  });

  it('past the bound are refused 0009; a place that comes free is taken again (invariant 10)', async () => {
    const stage = await starting('OneShot', new Stage({ maxHeldRequests: 2 }));
    const client = new AbortController();
    const held = [stage.admit(ID), stage.admit(ID, { signal: client.signal })];
    expect(await stage.admit(ID)).toMatchObject({ code: '0009', retryAfterMs: 1000 });
    client.abort();
    await Promise.all(held.slice(1));
    expect(await stage.verdict(stage.admit(ID))).toBe('held');
  });

  it('leave the queue when their client hangs up; the start goes on', async () => {
    const stage = await starting();
    const client = new AbortController();
    const request = stage.admit(ID, { signal: client.signal });
    client.abort();
    expect(await codeOf(request)).toBe('0003');
    expect(stage.registry.live.get(ID).door.held).toBe(0);
    expect((await stage.start()).aborted).toBe(false);
  });

  it('whoever is held for a service makes its start go first', async () => {
    const stage = new Stage({}, 1);
    for (const id of ['busy', 'unwanted', ID]) stage.registry.ensure(id, order('OneShot'));
    void stage.admit(ID);
    (await stage.start()).fail();
    expect((await stage.start(1)).request.id).toBe(ID);
  });

  it('a Persistent service that slept is started by a plain request, once', async () => {
    const stage = new Stage();
    stage.registry.declare(ID, order('Persistent'), false);
    const requests = Array.from({ length: 10 }, () => stage.admit(ID));
    const lane = (await stage.start()).succeed();
    expect(new Set(await Promise.all(requests))).toEqual(new Set([lane]));
    expect(stage.starts.length).toBe(1);
  });
});

describe('requests to a service that cools down (contract §5)', () => {
  it('are refused 0002 at once unless they would wait past the due time', async () => {
    const stage = await coolingDown();
    await stage.pass(400);
    expect(await stage.admit(ID)).toMatchObject({ code: '0002', retryAfterMs: 600 });
    expect(await stage.admit(ID, { waitMs: 599 })).toMatchObject({ code: '0002' });
    expect(await stage.verdict(stage.admit(ID, { waitMs: 600 }))).toBe('held');
  });

  it('are refused without an explicit wait even where pendingWaitMs is longer', async () => {
    const stage = await coolingDown();
    expect(settings.pendingWaitMs).toBeGreaterThan(settings.policy.cooldownMs);
    expect(await codeOf(stage.admit(ID, { order: order('Persistent') }))).toBe('0002');
  });

  it('that wait get the lane of the restart', async () => {
    const stage = await coolingDown();
    const request = stage.admit(ID, { waitMs: 5000 });
    await stage.pass(1000);
    const lane = (await stage.start(1)).succeed();
    expect(await request).toBe(lane);
  });

  it('that wait get 0005 when the restart fails, and 0003 when it takes too long', async () => {
    const stage = await coolingDown();
    const [brief, patient] = [stage.admit(ID, { waitMs: 1500 }), stage.admit(ID, { waitMs: 60_000 })];
    await stage.pass(1000);
    await stage.pass(500);
    expect(await codeOf(brief)).toBe('0003');
    (await stage.start(1)).fail('it printed garbage');
    expect(await patient).toMatchObject({ code: '0005', reason: 'it printed garbage' });
  });

  it('held while the backend was torn down, are refused 0002 when a cooldown follows', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    lane.lose();
    await turn();
    const [impatient, patient] = [stage.admit(ID), stage.admit(ID, { waitMs: 5000 })];
    const brief = stage.admit(ID, { waitMs: 500 });
    lane.gone.resolve();
    expect(await impatient).toMatchObject({ code: '0002', retryAfterMs: 1000 });
    expect(await stage.verdict(brief)).toBe('0002');
    expect(await stage.verdict(patient)).toBe('held');
  });

  it('that wait make the restart go first when it is due', async () => {
    const stage = new Stage({}, 1);
    stage.registry.ensure(ID, order('Persistent'));
    (await stage.start()).fail();
    await turn();
    for (const id of ['busy', 'unwanted']) stage.registry.ensure(id, order('OneShot'));
    void stage.admit(ID, { waitMs: 5000 });
    await stage.pass(1000);
    stage.starts[1]?.fail();
    expect((await stage.start()).request.id).toBe(ID);
  });
});

describe('an explicit start while the backend is torn down', () => {
  it('starts a Persistent service that was being stopped', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    lane.lose();
    await turn();
    stage.registry.request(ID, 'stop requested');
    const request = stage.admit(ID, { order: order('Persistent') });
    lane.gone.resolve();
    const next = (await stage.start(1)).succeed();
    expect(await request).toBe(next);
  });

  it('starts a Persistent service whose failures were used up', async () => {
    const policy = { ...settings.policy, maxStartFailures: 1 };
    const stage = new Stage({ policy });
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    lane.lose();
    await turn();
    const request = stage.admit(ID, { order: order('Persistent') });
    lane.gone.resolve();
    const next = (await stage.start(1)).succeed();
    expect(await request).toBe(next);
  });
});
