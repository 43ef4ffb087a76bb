import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { verify } from '../../../src/actors/replay.ts';
import { codeOf, order, Stage, turn } from '../../support/actors-fixtures.ts';

const MANY = 200;
const names = (count = MANY) => Array.from({ length: count }, (_, n) => `s${n}`);

/** In ms: no timer is that long. */
const NEVER = 2 ** 31;
/** Its turn comes after this turn of the event loop. */
const LAST = `s${MANY - 1}`;

/** Until nobody moves any more. */
async function calm(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

/** Starts all of them in the same turn of the event loop; `refused` for each that was. */
function startAll(stage: Stage, ids: readonly string[]) {
  return ids.map(async id => {
    try {
      return (await stage.registry.ensure(id, order('Persistent'))).state;
    } catch (error) {
      if (error instanceof Refusal) return `${error.code} ${error.reason}`;
      throw error;
    }
  });
}

/** Services that are ready, each with its process on record. */
async function fleet(
  ids: readonly string[],
  changes: ConstructorParameters<typeof Stage>[0] = {},
): Promise<Stage> {
  const stage = new Stage(changes, ids.length);
  startAll(stage, ids);
  await calm();
  for (const start of stage.starts) void start.spawn();
  await calm();
  for (const start of stage.starts) stage.lanes.push(start.succeed());
  await calm();
  expect(new Set(ids.map(id => stage.state(id)))).toEqual(new Set(['Ready.Healthy']));
  return stage;
}

/** Every record still folds to its state (invariant 6). */
function expectSound(stage: Stage): void {
  for (const id of stage.log.ids()) expect(verify(stage.log.read(id)), id).toBeNull();
}

describe('a storm of starts in one turn of the event loop', () => {
  it('costs few transactions, and each is answered when its start is on record (invariant 7)', async () => {
    const stage = new Stage({}, 2);
    const answers = startAll(stage, names());
    const before = stage.log.lastSeq();
    expect(before).toBeLessThan(20);
    expect(await Promise.all(answers)).toEqual(names().map(() => expect.stringMatching(/^Pending/)));
    await calm();
    expect(stage.log.count()).toBe(MANY);
    expect(stage.transactions).toBeLessThan(24);
    expect([stage.starts.length, stage.gate.waiting]).toEqual([2, MANY - 2]);
    expectSound(stage);
  });

  it('shows nobody a service that is not on record yet', async () => {
    const stage = new Stage({}, 2);
    startAll(stage, names());
    expect([stage.state('s199'), stage.registry.live.find('s199')]).toEqual(['unknown', undefined]);
    const request = stage.admit('s198'); // comes after the order, so it finds the service
    expect(await stage.verdict(request)).toBe('held');
    await calm();
    expect(stage.state('s199')).toBe('Pending.Queued');
  });

  it('holds every request, and starts each service once, however many ask for it (invariant 1)', async () => {
    const stage = new Stage({}, MANY);
    const asking = names().flatMap(id => [id, id, id]);
    const requests = asking.map(id => stage.admit(id, { order: order('OneShot') }));
    await calm();
    expect(stage.starts.map(({ request }) => request.id)).toEqual(names());
    const lanes = stage.starts.map(start => start.succeed());
    expect(await Promise.all(requests)).toEqual(lanes.flatMap(lane => [lane, lane, lane]));
  });

  it('when it cannot be written, leaves nothing behind, and all goes on when there is space', async () => {
    const stage = new Stage({}, 2);
    stage.space = 30;
    const answers = await Promise.all(startAll(stage, names()));
    await calm();
    const refused = answers.filter(answer => answer.startsWith('0009 the event log cannot be written'));
    expect(refused.length).toBeGreaterThan(MANY - 30);
    expect([stage.log.count(), stage.registry.live.size]).toEqual([
      MANY - refused.length,
      MANY - refused.length,
    ]);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    expect(await Promise.all(startAll(stage, names()))).toEqual(
      names().map(() => expect.stringMatching(/^Pending/)),
    );
    await calm();
    expect([stage.log.count(), stage.starts.length]).toEqual([MANY, 2]);
    expectSound(stage);
  });

  it('refuses 0009 what is more than may wait (invariant 10)', async () => {
    const stage = new Stage({ maxWaitingCommands: 50 }, 2);
    const answers = await Promise.all(startAll(stage, names()));
    const refused = answers.filter(answer => answer.startsWith('0009 50 commands already wait'));
    expect(answers.length - refused.length).toBe(stage.log.count());
    expect(refused.length).toBeGreaterThan(MANY - 70);
  });

  it('refuses 0003 what waits when the gateway stops', async () => {
    const stage = new Stage({}, 2);
    const answers = startAll(stage, names());
    const written = stage.log.lastSeq();
    stage.registry.live.refuseAll();
    const told = await Promise.all(answers);
    expect(
      told.filter(answer => answer.startsWith('0003 the gateway is shutting down')).length,
    ).toBeGreaterThan(MANY - 12);
    await calm();
    expect(stage.log.lastSeq()).toBe(written);
  });
});

describe('many services that move for other reasons', () => {
  it('one that is woken and stopped at once gets no permit in between (invariant 6)', async () => {
    const stage = new Stage();
    await stage.ready('a', 'Persistent');
    const next = stage.nextLife();
    await next.registry.request('a', 'stop requested');
    await calm();
    expect([next.state('a'), next.starts.length, next.gate.inUse]).toEqual(['Ended.Completed', 0, 0]);
    expectSound(next);
  });

  it('all lost in one turn, they share transactions and start again, each after its end (invariant 2)', async () => {
    const ids = names(100);
    const stage = await fleet(ids);
    await stage.pass(60_000); // longer than any cooldown
    const before = stage.transactions;
    for (const lane of stage.lanes) lane.lose();
    await calm();
    expect(stage.starts.length).toBe(200);
    expect(new Set(ids.map(id => stage.state(id)))).toEqual(new Set(['Pending.Starting']));
    expect(stage.transactions - before).toBeLessThan(70);
    expectSound(stage);
  });

  it('all lost while the log cannot be written, they are as they were until it can be', async () => {
    const ids = names(100);
    const stage = await fleet(ids);
    await stage.pass(60_000);
    stage.space = 0;
    for (const lane of stage.lanes) lane.lose();
    await calm();
    expect(new Set(ids.map(id => stage.state(id)))).toEqual(new Set(['Ready.Healthy']));
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    await calm();
    expect(new Set(ids.map(id => stage.state(id)))).toEqual(new Set(['Pending.Starting']));
    expectSound(stage);
  });

  it('all due in one turn, none is early and none forgotten (invariants 4 and 5)', async () => {
    const ids = names(100);
    const stage = new Stage({}, 100);
    startAll(stage, ids);
    await calm();
    for (const start of stage.starts) start.fail();
    await calm();
    expect([stage.registry.live.size, new Set(ids.map(id => stage.state(id)))]).toEqual([
      0,
      new Set(['CoolingDown']),
    ]);
    const before = stage.transactions;
    await stage.pass(999);
    expect(stage.starts.length).toBe(100);
    await stage.pass(1);
    await calm();
    expect(stage.starts.length).toBe(200);
    expect(stage.transactions - before).toBeLessThan(40);
  });

  it('a boot tells them of the restart together, and a restart that cannot be written comes later (invariant 4)', async () => {
    const ids = names(100);
    const stage = await fleet(ids);
    const next = stage.nextLife();
    await next.boot();
    await calm();
    expect(next.transactions).toBeLessThan(20);
    expect([next.starts.length, next.broken]).toEqual([100, []]);

    const late = next.nextLife();
    late.space = 0;
    await late.boot();
    expect([late.starts.length, late.registry.live.size, late.broken]).toEqual([0, 0, ids.sort()]);
    late.space = Number.POSITIVE_INFINITY;
    await late.pass(1000);
    await calm();
    expect(late.starts.length).toBe(100);
    expectSound(late);
  });

  it('removed and registered again in one turn, each is new when its id is free', async () => {
    const ids = names(100);
    const stage = new Stage({}, 2);
    for (const id of ids) void stage.registry.declare(id, order('Persistent'), false);
    await calm();
    const removals = ids.map(id => stage.registry.remove(id));
    const answers = startAll(stage, ids);
    expect(await Promise.all(removals)).toEqual(ids.map(() => true));
    await Promise.all(answers);
    await calm();
    expect([stage.log.count(), stage.gate.waiting]).toEqual([100, 98]);
    for (const id of ids)
      expect(
        stage.log
          .read(id)
          .map(({ event }) => event.type)
          .slice(0, 2),
        id,
      ).toEqual(['registered', 'start requested']);
  });
});

describe('news of a lane that waits for its turn (invariant 3)', () => {
  const IDLE_MS = 60_000;
  async function idleFleet() {
    const quiet = { persistentIdleMs: IDLE_MS, healthTtlMs: NEVER, probeIntervalMs: NEVER };
    const stage = await fleet(names(), quiet);
    const lane = stage.lanes.at(-1);
    if (lane === undefined) throw new Error('no lane');
    stage.clock.increment(IDLE_MS);
    expect(stage.state(LAST)).toBe('Ready.Healthy');
    return { stage, lane };
  }

  it('given that it was idle, when a call comes before that turn, then its backend is not ended', async () => {
    const { stage, lane } = await idleFleet();
    expect(await stage.admit(LAST)).toBe(lane);
    lane.load = 1;
    await calm();
    expect([stage.state(LAST), lane.closes, stage.state('s0')]).toEqual([
      'Ready.Healthy',
      0,
      'Pending.Asleep',
    ]);
  });

  it('given that it was idle, when a call came and went before that turn, then its backend is not ended', async () => {
    const { stage, lane } = await idleFleet();
    lane.lastUsedAt = stage.clock.now();
    await calm();
    expect([stage.state(LAST), lane.closes]).toEqual(['Ready.Healthy', 0]);
  });

  it('given that it was idle, when nothing comes, then it is ended', async () => {
    const { stage, lane } = await idleFleet();
    await calm();
    expect([stage.state(LAST), lane.closes]).toEqual(['Pending.Asleep', 1]);
  });
});

describe('a request that finds its backend silent while many services move', () => {
  /** Half of the services were lost in this turn, and the last one's backend did not answer its probe. */
  async function silentFleet() {
    const stage = await fleet(names(), { probeIntervalMs: NEVER });
    await stage.pass(60_000); // longer than any cooldown
    const lane = stage.lanes.at(-1);
    if (lane === undefined) throw new Error('no lane');
    const request = stage.admit(LAST);
    for (const other of stage.lanes.slice(0, MANY / 2)) other.lose();
    lane.probes[0]?.reject(new Error('no answer to ping'));
    return { stage, lane, request };
  }

  it('is not sent to it, although the news of its loss waits for its turn (invariant 3)', async () => {
    const { stage, lane, request } = await silentFleet();
    await calm();
    expect([lane.closes, await stage.verdict(request)]).toEqual([1, 'held']);
    const start = stage.starts.at(-1);
    expect(start?.request.id).toBe(LAST);
    const next = start?.succeed();
    expect(await request).toBe(next);
  });

  it('is refused 0009 when that news cannot be written', async () => {
    const { stage, request } = await silentFleet();
    stage.space = 0;
    expect(await codeOf(request)).toBe('0009');
  });

  it('is sent to it if it speaks before that turn', async () => {
    const { stage, lane, request } = await silentFleet();
    lane.lastSignOfLifeAt = stage.clock.now();
    await calm();
    expect([lane.closes, await request, stage.state(LAST)]).toEqual([0, lane, 'Ready.Healthy']);
  });
});
