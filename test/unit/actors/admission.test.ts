import { describe, expect, it } from 'vitest';
import type { ServiceType } from '../../../src/actors/services.ts';
import { order, Stage, turn } from '../../support/actors-fixtures.ts';
import { policy } from '../../support/machine-fixtures.ts';

const ID = 'tools';
type Given = (stage: Stage, type: ServiceType) => Promise<unknown>;

/** Long enough a life to be restarted at once. */
const WHILE_MS = 2000;

/** Brings the service into a state, the way a service gets there. */
const states: Record<string, Given> = {
  unknown: async () => {},
  'Pending.Asleep': async (stage, type) => stage.registry.declare(ID, order(type), false),
  'Pending.Queued': async (stage, type) => {
    stage.registry.ensure('another', order('OneShot'));
    stage.registry.ensure(ID, order(type));
  },
  'Pending.Starting': async (stage, type) => stage.registry.ensure(ID, order(type)),
  'Ready.Healthy': (stage, type) => stage.ready(ID, type),
  Unhealthy: async (stage, type) => {
    const lane = await stage.ready(ID, type);
    await stage.pass(WHILE_MS);
    lane.lingers = true;
    lane.lose();
    await turn();
  },
  CoolingDown: async (stage, type) => {
    stage.registry.ensure(ID, order(type));
    (await stage.start()).fail('command not found');
    await turn();
  },
  'Ended.Completed': async (stage, type) => {
    const lane = await stage.ready(ID, type);
    if (type === 'Persistent') stage.registry.request(ID, 'stop requested');
    else lane.lose();
    await turn();
  },
  'Ended.Failed': (stage, type) => states.CoolingDown?.(stage, type) ?? Promise.resolve(),
};

/** Contract §5: state, then what each type answers to a plain and to an explicit request. */
type Answers = readonly [plain: string, explicit: string];
const TABLE: readonly (readonly [string, Answers | null, Answers | null])[] = [
  ['unknown', ['0001', 'held'], ['0001', 'held']],
  ['Pending.Asleep', ['0007', 'held'], ['held', 'held']],
  ['Pending.Queued', ['held', 'held'], ['held', 'held']],
  ['Pending.Starting', ['held', 'held'], ['held', 'held']],
  ['Ready.Healthy', ['lane', 'lane'], ['lane', 'lane']],
  ['Unhealthy', ['0006', 'held'], ['held', 'held']],
  ['CoolingDown', null, ['0002', '0002']],
  ['Ended.Completed', ['0006', 'held'], ['0006', 'held']],
  ['Ended.Failed', ['0005', 'held'], ['0005', 'held']],
];

const rows = TABLE.flatMap(([state, oneShot, persistent]) =>
  (['OneShot', 'Persistent'] as const).flatMap(type => {
    const answers = type === 'OneShot' ? oneShot : persistent;
    const kinds = ['plain', 'explicit'] as const;
    return answers === null
      ? []
      : kinds.map((kind, index) => ({ state, type, kind, answer: answers[index] }));
  }),
);

async function given(state: string, type: ServiceType): Promise<Stage> {
  const maxStartFailures = state === 'Ended.Failed' ? 1 : policy.maxStartFailures;
  const stage = new Stage({ policy: { ...policy, maxStartFailures } }, 1);
  await states[state]?.(stage, type);
  expect(stage.state(ID)).toBe(state);
  return stage;
}

/** Whatever keeps the service from being started is over, and its start succeeds. */
async function letItStart(stage: Stage): Promise<void> {
  for (const start of stage.starts) if (start.request.id !== ID) start.fail();
  for (const lane of stage.lanes) lane.gone.resolve();
  await turn();
  const start = stage.starts.findLast(({ request }) => request.id === ID);
  start?.succeed();
  await turn();
}

describe('the admission table (contract §5)', () => {
  it.each(rows)('$state, $type, $kind request: $answer', async ({ state, type, kind, answer }) => {
    const stage = await given(state, type);
    const request = stage.admit(ID, kind === 'explicit' ? { order: order(type) } : {});
    expect(await stage.verdict(request)).toBe(answer);
    if (answer !== 'held') return;
    await letItStart(stage);
    expect(await stage.verdict(request)).toBe('lane');
  });

  it.each(rows.filter(({ answer }) => /^\d/.test(answer ?? '')))(
    'a refusal starts nothing and writes nothing: $state, $type, $kind',
    async ({ state, type, kind }) => {
      const stage = await given(state, type);
      const before = [stage.starts.length, stage.log.lastSeq()];
      await stage.admit(ID, kind === 'explicit' ? { order: order(type) } : {});
      expect([stage.starts.length, stage.log.lastSeq()]).toEqual(before);
    },
  );

  it.each(['OneShot', 'Persistent'] as const)(
    'a start that fails answers all that are held 0005: %s',
    async type => {
      const stage = await given('Pending.Starting', type);
      const held = [stage.admit(ID), stage.admit(ID, { order: order(type) })];
      (await stage.start()).fail('command not found');
      for (const request of held)
        expect(await request).toMatchObject({ code: '0005', reason: 'command not found' });
    },
  );

  it('a refusal says why, and when trying again can help', async () => {
    const cooling = await given('CoolingDown', 'Persistent');
    await cooling.pass(400);
    expect(await cooling.admit(ID)).toMatchObject({
      code: '0002',
      reason: 'command not found',
      retryAfterMs: 600,
    });
    const failed = await given('Ended.Failed', 'OneShot');
    expect(await failed.admit(ID)).toMatchObject({
      code: '0005',
      reason: 'command not found',
      retryAfterMs: null,
    });
    const ended = await given('Ended.Completed', 'OneShot');
    expect(await ended.admit(ID)).toMatchObject({ code: '0006', reason: 'it exited' });
  });

  it('a service that is being removed refuses as if it were unknown, and its id is free at once', async () => {
    const stage = await given('Unhealthy', 'Persistent');
    const removed = stage.registry.remove(ID);
    const held = stage.admit(ID, { order: order('Persistent') });
    for (const lane of stage.lanes) lane.gone.resolve();
    expect(await held).toMatchObject({ code: '0001' });
    expect(await removed).toBe(true);
    expect(stage.registry.status(ID)).toBeUndefined();
    expect(await stage.verdict(stage.admit(ID, { order: order('OneShot') }))).toBe('held');
  });
});
