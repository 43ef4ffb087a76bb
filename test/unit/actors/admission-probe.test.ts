import { describe, expect, it } from 'vitest';
import { codeOf, order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

/** A service that has shown no sign of life for longer than `healthTtlMs`. */
async function silentService(type: 'OneShot' | 'Persistent') {
  const stage = new Stage();
  const lane = await stage.ready(ID, type);
  await stage.pass(settings.healthTtlMs + 1);
  return { stage, lane };
}

describe('a service that is ready but has shown no sign of life for healthTtlMs (contract §5)', () => {
  it('is used without a probe up to then', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    await stage.pass(settings.healthTtlMs);
    expect(stage.registry.admit(ID, { order: null, waitMs: null, signal: AbortSignal.abort() })).toBe(lane);
    expect(lane.probes.length).toBe(0);
  });

  it('is probed first, once for all who ask meanwhile', async () => {
    const { stage, lane } = await silentService('OneShot');
    const requests = [stage.admit(ID), stage.admit(ID), stage.admit(ID, { order: order('OneShot') })];
    expect(await stage.verdict(Promise.race(requests))).toBe('held');
    lane.probes[0]?.resolve();
    expect(await Promise.all(requests)).toEqual([lane, lane, lane]);
    expect(lane.probes.length).toBe(1);
  });

  it('is probed again for who asks after that', async () => {
    const { stage, lane } = await silentService('OneShot');
    const first = stage.admit(ID);
    lane.probes[0]?.resolve();
    await first;
    void stage.admit(ID);
    expect(lane.probes.length).toBe(2);
  });

  it('that does not answer is lost: OneShot 0006, and the explicit request is held for a new start', async () => {
    const { stage, lane } = await silentService('OneShot');
    const [plain, explicit] = [stage.admit(ID), stage.admit(ID, { order: order('OneShot') })];
    lane.probes[0]?.reject(new Error('no answer to ping'));
    expect(await plain).toMatchObject({ code: '0006', reason: 'no answer to ping' });
    const next = (await stage.start(1)).succeed();
    expect([await explicit, lane.closes]).toEqual([next, 1]);
  });

  it('that does not answer is lost, too, if its last sign of life lies in the future: the time was set back', async () => {
    const { stage, lane } = await silentService('Persistent');
    lane.lastSignOfLifeAt = stage.clock.now() + 3_600_000;
    const request = stage.admit(ID);
    lane.probes[0]?.reject(new Error('no answer to ping'));
    await turn();
    expect([await stage.verdict(request), lane.closes]).toEqual(['held', 1]);
  });

  it('that does not answer is lost: Persistent requests are held while it restarts', async () => {
    const { stage, lane } = await silentService('Persistent');
    const request = stage.admit(ID);
    lane.probes[0]?.reject(new Error('no answer to ping'));
    const next = (await stage.start(1)).succeed();
    expect(await request).toBe(next);
  });

  it('and busy with calls is not given up for one unanswered probe', async () => {
    const { stage, lane } = await silentService('Persistent');
    lane.load = 1;
    const request = stage.admit(ID);
    lane.probes[0]?.reject(new Error('no answer to ping'));
    expect([await request, stage.state(ID)]).toEqual([lane, 'Ready.Healthy']);
  });

  it('and is lost during the probe: the probe’s answer no longer counts', async () => {
    const { stage, lane } = await silentService('OneShot');
    const request = stage.admit(ID);
    lane.lose('it exited');
    await turn();
    lane.probes[0]?.resolve();
    expect(await request).toMatchObject({ code: '0006', reason: 'it exited' });
  });

  it('and ends for good during the probe: an explicit request starts it again (invariant 3)', async () => {
    const { stage, lane } = await silentService('OneShot');
    const request = stage.admit(ID, { order: order('OneShot') });
    lane.lose('it exited');
    await turn();
    expect(stage.state(ID)).toBe('Ended.Completed');
    lane.probes[0]?.reject(new Error('the backend is gone'));
    const next = (await stage.start(1)).succeed();
    expect(await request).toBe(next);
  });

  it('whose loss cannot be written keeps its state, and the request is refused 0009', async () => {
    const { stage, lane } = await silentService('OneShot');
    stage.space = 0;
    const request = stage.admit(ID);
    lane.probes[0]?.reject(new Error('no answer to ping'));
    expect([await codeOf(request), stage.state(ID)]).toEqual(['0009', 'Ready.Healthy']);
  });
});
