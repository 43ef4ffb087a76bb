import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { codeOf, order, Stage, settings, turn } from '../../support/actors-fixtures.ts';
import { faultyLog, StorageFaults } from '../../support/faulty-log.ts';

const ID = 'tools';

function refusalOf(command: () => unknown): string {
  try {
    command();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'done';
}

describe('when the log cannot be written (invariant 7)', () => {
  it('commands are refused 0009, change nothing, and are not carried out later', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    stage.space = 0;
    const handle = stage.registry.live.get(ID);
    for (const type of ['stop requested', 'restart requested', 'removal requested'] as const)
      expect(refusalOf(() => handle.tell({ type }))).toBe('0009');
    expect(refusalOf(() => stage.registry.ensure('new', order('OneShot')))).toBe('0009');
    expect(await codeOf(stage.admit('new', { order: order('OneShot') }))).toBe('0009');
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(4000);
    expect([stage.state(ID), stage.state('new'), lane.closes]).toEqual(['Ready.Healthy', 'unknown', 0]);
  });

  it('a log that cannot be read right after a commit does not undo it: its effects follow', async () => {
    const faults = new StorageFaults();
    const surroundings = { faults, isOver: () => false, stop: () => {}, stall: () => {} };
    const stage = new Stage({}, 50, faultyLog(new MemoryLog(), surroundings));
    const lane = await stage.ready(ID, 'Persistent');
    faults.unreadable = true;
    stage.registry.live.get(ID).tell({ type: 'restart requested' });
    await turn();
    expect(lane.closes).toBe(1);
  });

  it('a plain request to a service that serves is served', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    stage.space = 0;
    expect(await stage.admit(ID)).toBe(lane);
  });

  it('a start that cannot be written is refused, launches nothing and leaves nobody waiting', async () => {
    const stage = new Stage();
    stage.registry.declare(ID, order('Persistent'), false);
    stage.space = 0;
    expect(await codeOf(stage.admit(ID))).toBe('0009');
    await turn();
    expect([stage.state(ID), stage.starts.length, stage.registry.live.size]).toEqual([
      'Pending.Asleep',
      0,
      0,
    ]);
  });

  it('a command that was written is not refused because what follows it cannot be', async () => {
    const stage = new Stage();
    stage.registry.declare(ID, order('Persistent'), false);
    stage.space = 1;
    const request = stage.admit(ID);
    expect([await stage.verdict(request), stage.state(ID)]).toEqual(['held', 'Pending.Queued']);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    const lane = (await stage.start()).succeed();
    expect([await request, stage.starts.length]).toEqual([lane, 1]);
  });

  it('facts are told again until they can be written', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    stage.space = 0;
    lane.lose();
    await stage.pass(1000);
    await stage.pass(1000);
    expect([stage.state(ID), lane.closes]).toEqual(['Ready.Healthy', 0]);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    expect([stage.state(ID), lane.closes]).toEqual(['Ended.Completed', 1]);
  });

  it('a timer that could not be written does not go off in a later stay in its state (invariant 5)', async () => {
    const stage = new Stage();
    stage.registry.ensure(ID, order('Persistent'));
    (await stage.start()).fail();
    await turn();
    stage.registry.wake(ID);
    stage.space = 0;
    await stage.pass(1000);
    expect(stage.state(ID)).toBe('CoolingDown');
    stage.space = Number.POSITIVE_INFINITY;
    stage.registry.request(ID, 'restart requested');
    await stage.pass(500);
    (await stage.start(1)).fail();
    await turn();
    await stage.pass(500);
    expect([stage.state(ID), stage.starts.length]).toEqual(['CoolingDown', 2]);
  });

  it('a permit that could not be written does not start what left the queue and waits anew', async () => {
    const stage = new Stage({}, 1);
    stage.registry.declare('first', order('Persistent'), true);
    stage.registry.declare(ID, order('Persistent'), true);
    stage.registry.declare('third', order('Persistent'), true);
    const first = await stage.start();
    stage.space = 1;
    first.succeed();
    await turn();
    expect([stage.state('first'), stage.state(ID)]).toEqual(['Ready.Healthy', 'Pending.Queued']);
    stage.space = Number.POSITIVE_INFINITY;
    stage.registry.request(ID, 'stop requested');
    await turn();
    stage.registry.start(ID, null, 'api');
    await stage.pass(1000);
    expect([stage.state('third'), stage.state(ID), stage.gate.inUse]).toEqual([
      'Pending.Starting',
      'Pending.Queued',
      1,
    ]);
  });

  it('a spawn that cannot be recorded fails the start: its process is not used', async () => {
    const stage = new Stage();
    const request = stage.admit(ID, { order: order('OneShot') });
    const start = await stage.start();
    stage.space = 0;
    await expect(start.spawn()).rejects.toThrow('the event log cannot be written');
    start.fail('its process could not be recorded');
    await turn();
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    expect(await request).toMatchObject({ code: '0005', reason: 'its process could not be recorded' });
    expect([stage.state(ID), stage.gate.inUse]).toEqual(['Ended.Failed', 0]);
  });

  it('idleness is not told again late: a service that is used by then is not reaped', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    stage.space = 0;
    await stage.pass(settings.oneShotIdleMs);
    lane.load = 1;
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(settings.oneShotIdleMs + 1000);
    expect([stage.state(ID), lane.closes]).toEqual(['Ready.Healthy', 0]);
  });

  it('what fails again and again is tried at intervals, not without end', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    await stage.ready('other', 'OneShot');
    for (const each of stage.lanes) each.tools = null;
    let failures = 0;
    stage.registry.live.events.on('unwritten', () => failures++);
    stage.space = 0;
    lane.lose();
    await stage.pass(settings.oneShotIdleMs);
    for (let ms = 0; ms < 20; ms++) await stage.pass(1);
    expect(failures).toBeLessThan(5);
  });
});
