import { beforeEach, describe, expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import type { ServiceType } from '../../../src/actors/services.ts';
import { type JsonObject, type LogRecord, NO_TOKEN } from '../../../src/store/event-log.ts';
import { codeOf, order, Stage, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

/** A life with a start that failed, one that lasted, a loss, a new config, a stop and another start. */
async function eventfulLife(type: ServiceType): Promise<Stage> {
  const stage = new Stage();
  stage.registry.ensure(ID, order(type));
  (await stage.start()).fail('command not found');
  await stage.pass(0);
  await stage.pass(1000);
  if (type === 'OneShot') stage.registry.ensure(ID, order(type));
  const second = await stage.start(1);
  await second.spawn();
  const lane = second.succeed();
  await stage.pass(6000);
  stage.registry.ensure(ID, order('Persistent', 'another'));
  lane.lose();
  await stage.pass(1000);
  stage.registry.request(ID, 'stop requested');
  await turn();
  stage.registry.ensure(ID, order('Persistent'));
  (await stage.start()).succeed();
  await turn();
  return stage;
}

/** Puts a record at the head whose state is not what its event leads to. */
function tamper(stage: Stage, event: LogRecord['event'], value: string | JsonObject): number {
  const head = stage.log.head(ID);
  if (head === undefined) throw new Error('there is no such service');
  const { context } = head.record.to;
  stage.log.append(ID, head.token, [{ at: stage.clock.now(), event, to: { value, context }, owed: null }]);
  return stage.log.lastSeq();
}
const wrongly = (stage: Stage) => tamper(stage, { type: 'stop requested' }, { Ended: 'Failed' });

describe.each(['OneShot', 'Persistent'] as const)('replay of a %s service (invariant 6)', type => {
  it('leads to the live state at every prefix', async () => {
    const stage = await eventfulLife(type);
    const records = stage.log.read(ID);
    expect(records.length).toBeGreaterThan(10);
    for (let length = 1; length <= records.length; length++)
      expect(verify(records.slice(0, length))).toBeNull();
    expect(records.slice(1).map(({ to }) => to)).toEqual(stage.lived.get(ID));
  });

  it('starts from any record: each holds its whole state', async () => {
    const records = (await eventfulLife(type)).log.read(ID);
    for (let from = 0; from < records.length; from++) expect(verify(records.slice(from))).toBeNull();
  });

  it('writes what the actor is: the head is the live state', async () => {
    const stage = await eventfulLife(type);
    const { value, context } = stage.registry.live.get(ID).state;
    expect(stage.log.head(ID)?.record.to).toEqual({ value, context });
  });

  it('finds every record that was altered, and names it', async () => {
    const records = (await eventfulLife(type)).log.read(ID);
    records.forEach((record, index) => {
      const altered = { ...record, to: { ...record.to, context: { ...record.to.context, failures: 99 } } };
      const divergence = verify(records.with(index, altered));
      expect(divergence?.seq).toBe(record.seq);
      expect(divergence?.reason).toContain(`Record ${record.seq} (${record.event.type})`);
    });
  });
});

describe('code and log that no longer agree', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
    stage.registry.declare(ID, order('OneShot'), false);
  });

  it('end that service alone, with the record’s seq as the reason', async () => {
    stage.registry.declare('other', order('OneShot'), false);
    const seq = wrongly(stage);
    expect(await stage.admit(ID)).toMatchObject({ code: '0005' });
    expect(stage.registry.status(ID)).toMatchObject({ state: 'Ended.Failed', poll: 'Error' });
    expect(stage.registry.status(ID)?.lastError).toContain(`Record ${seq} (stop requested)`);
    expect(stage.state('other')).toBe('Pending.Asleep');
  });

  it('are told once: an explicit start works from then on, over sleep and wake', async () => {
    wrongly(stage);
    await stage.admit(ID);
    const lane = await stage.ready(ID, 'OneShot');
    lane.lose();
    await turn();
    expect(stage.registry.live.size).toBe(0);
    expect(await stage.admit(ID)).toMatchObject({ code: '0006', reason: 'it exited' });
    expect(stage.log.read(ID).filter(({ event }) => event.type === 'divergence found').length).toBe(1);
  });

  it('are told again while that could not be written', async () => {
    wrongly(stage);
    stage.space = 0;
    expect(await stage.admit(ID, { order: order('OneShot') })).toMatchObject({ code: '0009' });
    expect(stage.starts.length).toBe(0);
    stage.space = Number.POSITIVE_INFINITY;
    expect(await stage.admit(ID)).toMatchObject({ code: '0005' });
  });

  it('are found at the head wherever the checkpoint is, folding no more than 64 records', async () => {
    const limits: number[] = [];
    const { recent } = stage.log;
    Object.assign(stage.log, {
      recent: (id: string, limit: number) => {
        limits.push(limit);
        return recent(id, limit);
      },
    });
    for (let n = 2; n <= 140; n++) {
      const twin = new Stage({}, 1, stage.log);
      twin.registry.declare(ID, order('OneShot', `server-${n}`), false);
      expect(twin.state(ID)).toBe('Pending.Asleep');
      const head = twin.log.head(ID);
      expect(head?.record.n).toBe(n);
      const [before, last] = twin.log.recent(ID, 2);
      const limit = limits.at(-2) ?? 0;
      expect([limit >= 2, limit <= 65]).toEqual([true, true]);
      expect(verify([before, { ...last, to: before?.to }] as LogRecord[])?.seq).toBe(head?.record.seq);
    }
  });

  it('in a state nobody knows any more are refused, alone, and stay in nobody’s memory', async () => {
    tamper(stage, { type: 'stop requested' }, 'Hibernating');
    expect(await stage.admit(ID)).toMatchObject({ code: '0005' });
    expect(stage.registry.live.size).toBe(0);
    expect(await stage.verdict(stage.admit('other', { order: order('OneShot') }))).toBe('held');
  });
});

describe('timers after a restart of the gateway (invariant 5)', () => {
  it.each([0, 1, 400, 999, 1000, 60_000])(
    'a cooldown of 1000 ms has what is left of it after %i ms',
    async awayMs => {
      const stage = new Stage();
      stage.registry.ensure(ID, order('Persistent'));
      (await stage.start()).fail();
      await turn();
      const next = stage.nextLife(awayMs);
      await next.boot();
      const leftMs = Math.max(0, 1000 - awayMs);
      if (leftMs > 0) {
        await next.pass(leftMs - 1);
        expect([next.state(ID), next.starts.length]).toEqual(['CoolingDown', 0]);
      }
      await next.pass(1);
      expect([next.state(ID), next.starts.length]).toEqual(['Pending.Starting', 1]);
    },
  );

  it('leaving the state cancels what was armed again', async () => {
    const stage = new Stage();
    stage.registry.ensure(ID, order('Persistent'));
    (await stage.start()).fail();
    await turn();
    const next = stage.nextLife(400);
    await next.boot();
    void next.admit(ID, { waitMs: 60_000 });
    await next.pass(100);
    next.registry.request(ID, 'restart requested');
    const request = next.admit(ID, { waitMs: 60_000 });
    await next.pass(0);
    next.starts[0]?.fail();
    expect(await codeOf(request)).toBe('0005');
    void next.admit(ID, { waitMs: 60_000 });
    await next.pass(500);
    expect([next.state(ID), next.starts.length]).toEqual(['CoolingDown', 1]);
    await next.pass(500);
    expect([next.state(ID), next.starts.length]).toEqual(['Pending.Starting', 2]);
  });
});

it('a log that is empty knows no service', async () => {
  expect(new Stage().log.head(ID)?.token ?? NO_TOKEN).toBe(NO_TOKEN);
  await expect(new Stage().registry.wake(ID)).rejects.toMatchObject({ code: '0001' });
});
