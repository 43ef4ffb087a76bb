import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { StorageError } from '../../../src/store/errors.ts';
import { codeOf, order, outcome, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

async function coolingDown(): Promise<Stage> {
  const stage = new Stage();
  stage.registry.ensure(ID, order('Persistent'));
  (await stage.start()).fail();
  await turn();
  return stage;
}

describe('a service at rest is its head record and a due time (invariant 10)', () => {
  it('asleep, ended or cooling down it is in nobody’s memory', async () => {
    const cooling = await coolingDown();
    expect([cooling.registry.live.size, cooling.state(ID)]).toEqual([0, 'CoolingDown']);
    const stage = new Stage();
    const lane = await stage.ready(ID, 'Persistent');
    stage.registry.request(ID, 'stop requested');
    await turn();
    expect([stage.registry.live.size, lane.closes]).toEqual([0, 1]);
  });

  it('requests, polls and orders that change nothing do not keep it there', async () => {
    const stage = await coolingDown();
    for (let round = 0; round < 3; round++) {
      stage.registry.ensure(ID, order('Persistent'));
      expect(await codeOf(stage.admit(ID))).toBe('0002');
      expect(stage.registry.status(ID)?.state).toBe('CoolingDown');
      expect(stage.registry.live.size).toBe(0);
    }
    await stage.pass(1000);
    expect(stage.state(ID)).toBe('Pending.Starting');
  });

  it('stays in memory until the last of its processes is gone (invariant 2)', async () => {
    const stage = new Stage();
    const lane = await stage.ready(ID, 'OneShot');
    lane.lingers = true;
    stage.registry.request(ID, 'stop requested');
    await turn();
    expect([stage.registry.live.size, stage.state(ID)]).toEqual([1, 'Ended.Completed']);
    lane.gone.resolve();
    await turn();
    expect(stage.registry.live.size).toBe(0);
  });

  it('idle for its idle time, a Persistent service sleeps: its backend is ended, its state kept', async () => {
    const stage = new Stage({ persistentIdleMs: 1000 });
    const lane = await stage.ready(ID, 'Persistent');
    await stage.pass(1000);
    expect([stage.state(ID), lane.closes, stage.registry.live.size]).toEqual(['Pending.Asleep', 1, 0]);
    expect(stage.log.head(ID)?.record.to.context.processes).toEqual([]);
  });

  it('a status has no side effect', () => {
    const stage = new Stage();
    stage.registry.declare(ID, order('OneShot'), false);
    const records = stage.log.lastSeq();
    expect(stage.registry.status('nobody')).toBeUndefined();
    expect(stage.registry.status(ID)).toMatchObject({ state: 'Pending.Asleep', poll: 'Pending' });
    expect([stage.registry.live.size, stage.log.lastSeq()]).toEqual([0, records]);
  });
});

describe('a wake that cannot be written', () => {
  const changed = { policy: { ...settings.policy, cooldownMs: 1 } };

  it('because a due time came is tried again, and hurts nobody (invariant 4)', async () => {
    const first = await coolingDown();
    const stage = new Stage(changed, 50, first.log);
    await stage.boot();
    const told: string[] = [];
    stage.registry.live.events.on('unwritten', (id, event) => told.push(`${id}: ${event}`));
    stage.space = 0;
    await stage.pass(1000);
    await stage.pass(1000);
    expect([stage.state(ID), stage.registry.live.size]).toEqual(['CoolingDown', 0]);
    expect(told.filter(what => what === 'tools: wake').length).toBe(2);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    await stage.pass(0); // it wakes with a timer that is due at once
    expect(stage.state(ID)).toBe('Pending.Starting');
  });

  it('is refused to whoever asked, and leaves nothing in memory', async () => {
    const first = await coolingDown();
    const stage = new Stage(changed, 50, first.log);
    stage.space = 0;
    expect(await codeOf(stage.admit(ID))).toBe('0009');
    expect(stage.registry.live.size).toBe(0);
  });

  it('because the log cannot be read is refused for now, and a due time is not forgotten', async () => {
    const stage = await coolingDown();
    const { head } = stage.log;
    Object.assign(stage.log, {
      head: () => {
        throw new StorageError('the disk is gone');
      },
    });
    expect(await codeOf(stage.admit(ID))).toBe('0009');
    await stage.pass(1000);
    Object.assign(stage.log, { head });
    await stage.pass(1000);
    expect(stage.state(ID)).toBe('Pending.Starting');
  });
});

it('a config that can no longer be read fails the service, not the gateway', async () => {
  const stage = new Stage();
  const request = outcome(() =>
    stage.registry.admit(ID, { order: order('OneShot'), waitMs: null, signal: new AbortController().signal }),
  );
  const start = await stage.start();
  Object.assign(stage.log, { document: () => ({ kind: 'stdio', command: 7 }) });
  start.succeed();
  expect(await request).not.toBeInstanceOf(Refusal);
  await turn();
  expect(stage.registry.status(ID)?.lastError).toContain('its stored config cannot be read');
});

describe('maxServices (invariant 10)', () => {
  it('past it a new id is refused with 0009, one that is known is not, and a removal makes room', async () => {
    const stage = new Stage({ maxServices: 1 });
    const lane = await stage.ready(ID, 'Persistent');
    const refusal = await outcome(() =>
      stage.registry.admit('other', { ...demandOf, order: order('OneShot') }),
    );
    expect(refusal).toMatchObject({ code: '0009', retryAfterMs: 5000 });
    expect((await stage.registry.ensure(ID, order('Persistent'))).poll).toBe('Ready');
    lane.gone.resolve();
    await stage.registry.remove(ID);
    expect((await stage.registry.ensure('other', order('Persistent'))).poll).toBe('Pending');
  });
});

const demandOf = { waitMs: 0, signal: new AbortController().signal };
