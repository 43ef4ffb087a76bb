import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../../src/actors/refusal.ts';
import { codeOf, order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

async function coolingDown(): Promise<Stage> {
  const stage = new Stage();
  stage.registry.ensure(ID, order('Persistent'));
  (await stage.start()).fail();
  await turn();
  return stage;
}

/** What `add` came to, as a code or a state. */
const added = (stage: Stage, signal = new AbortController().signal) =>
  stage.registry.add(order('OneShot'), signal).then(
    ({ state }) => state,
    (error: Refusal) => error.code,
  );

describe('adding a service', () => {
  it('waits for the start, however long it takes', async () => {
    const stage = new Stage();
    const adding = added(stage);
    await stage.pass(10 * settings.pendingWaitMs);
    (await stage.start()).succeed();
    expect(await adding).toBe('Ready.Healthy');
  });

  it('that does not start, or whose client hangs up, leaves nothing registered', async () => {
    const stage = new Stage();
    const failing = added(stage);
    (await stage.start()).fail('command not found');
    expect(await failing).toBe('0005');
    const client = new AbortController();
    const impatient = added(stage, client.signal);
    const start = await stage.start();
    client.abort();
    expect([await impatient, start.aborted, stage.log.ids()]).toEqual(['0003', true, []]);
  });

  it('that is registered but cannot be started is refused 0009', async () => {
    const stage = new Stage();
    stage.space = 1;
    expect(await added(stage)).toBe('0009');
    expect([stage.starts.length, stage.registry.live.size]).toEqual([0, 0]);
  });
});

describe('removing a service', () => {
  it('resolves when its last process is gone, for all who asked, and then knows it no more', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    const removals = [stage.registry.remove(ID), stage.registry.remove(ID)];
    await turn();
    expect(stage.state(ID)).toBe('Unhealthy');
    lane.gone.resolve();
    expect(await Promise.all(removals)).toEqual([true, true]);
    expect([await stage.registry.remove(ID), stage.log.ids()]).toEqual([false, []]);
  });

  it('is not undone by a stop or a start that comes meanwhile', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    const removed = stage.registry.remove(ID);
    stage.registry.request(ID, 'stop requested');
    stage.registry.ensure(ID, order('Persistent'));
    lane.gone.resolve();
    expect([await removed, stage.state(ID), stage.starts.length]).toEqual([true, 'unknown', 1]);
  });
});

describe('stopping the gateway', () => {
  it('ends every backend and start, writes nothing, and refuses who waits and who comes (invariant 9)', async () => {
    const stage = new Stage({}, 2);
    const lane = await stage.ready('ready', 'Persistent');
    lane.lingers = true;
    for (const id of ['starting', 'next', 'queued']) stage.registry.ensure(id, order('Persistent'));
    await turn();
    const held = [stage.admit('starting'), stage.admit('queued')];
    const records = stage.log.lastSeq();
    const stopped = stage.registry.live.stop();
    expect(await Promise.all(held.map(codeOf))).toEqual(['0003', '0003']);
    for (const id of ['ready', 'queued', 'new'])
      expect(await codeOf(stage.admit(id, { order: order('OneShot') })), id).toBe('0003');
    expect(() => stage.registry.ensure('ready', order('OneShot'))).toThrow('shutting down');
    lane.gone.resolve();
    await stopped;
    expect(stage.starts.map(({ aborted }) => aborted)).toEqual([false, true, true]);
    expect([lane.closes, stage.starts.length]).toEqual([1, 3]);
    expect(stage.log.lastSeq()).toBe(records);
  });

  it('a due time that comes during the stop starts nothing', async () => {
    const stage = await coolingDown();
    const told: string[] = [];
    stage.registry.live.events.on('unwritten', (_id, event) => told.push(event));
    await stage.registry.live.stop();
    await stage.pass(10_000);
    expect([stage.starts.length, told]).toEqual([1, []]);
  });

  it('from the moment it is announced nobody is held any more', async () => {
    const stage = new Stage();
    stage.registry.ensure(ID, order('OneShot'));
    const held = stage.admit(ID);
    stage.registry.live.refuseAll();
    expect(await codeOf(held)).toBe('0003');
    expect(await stage.verdict(stage.admit(ID))).toBe('0003');
  });
});
