import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import { order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';
const { policy } = settings;
const jittery = { policy: { ...policy, jitter: 0.5 } };

/** The start that is under way fails; how long the next one has to wait, in ms. */
async function fail(stage: Stage): Promise<number | null | undefined> {
  (await stage.start()).fail();
  await turn();
  return stage.registry.status(ID)?.retryAfterMs;
}

function persistent(stage: Stage): Stage {
  stage.registry.ensure(ID, order('Persistent'));
  return stage;
}

const failures = (stage: Stage) => stage.log.head(ID)?.record.to.context.failures;

describe('a Persistent service whose starts fail (invariant 5)', () => {
  it('given a jitter, then each cooldown is lengthened by its own chance, and the next start waits for it', async () => {
    const stage = persistent(new Stage(jittery));
    stage.chance = 0.5;
    expect(await fail(stage)).toBe(1250);
    await stage.pass(1249);
    expect(stage.state(ID)).toBe('CoolingDown');
    await stage.pass(1);
    expect(stage.state(ID)).toBe('Pending.Starting');
    stage.chance = 0.1;
    expect(await fail(stage)).toBe(2100);
  });

  it('given the gateway dies meanwhile, then the next one keeps the due time and finds it by replay (invariant 6)', async () => {
    const stage = persistent(new Stage(jittery));
    stage.chance = 0.5;
    await fail(stage);
    const next = stage.nextLife(1000);
    next.chance = 0.9;
    await next.boot();
    expect(verify(next.log.read(ID))).toBeNull();
    await next.pass(249);
    expect(next.state(ID)).toBe('CoolingDown');
    await next.pass(1);
    expect(next.state(ID)).toBe('Pending.Starting');
  });

  it('given maxStartFailures of them in a row, then it is Ended, and only an explicit start brings it back', async () => {
    const stage = persistent(new Stage());
    for (let failure = 1; failure < policy.maxStartFailures; failure++) {
      expect(await fail(stage)).toBe(policy.cooldownMs * 2 ** (failure - 1));
      await stage.pass(policy.cooldownMaxMs);
    }
    expect(await fail(stage)).toBeNull();
    expect(stage.state(ID)).toBe('Ended.Failed');
    await stage.pass(10 * policy.cooldownMaxMs);
    expect(await stage.verdict(stage.admit(ID))).toBe('0005');
    persistent(stage);
    expect([stage.state(ID), failures(stage)]).toEqual(['Pending.Starting', 0]);
    expect(await fail(stage)).toBe(policy.cooldownMs);
  });
});

describe('a Persistent service that comes up at last', () => {
  /** Ready after two failed starts. */
  async function recovered(): Promise<Stage> {
    const stage = persistent(new Stage());
    for (const _ of [1, 2]) {
      await fail(stage);
      await stage.pass(policy.cooldownMaxMs);
    }
    stage.lanes.push((await stage.start()).succeed());
    await turn();
    expect([stage.state(ID), failures(stage)]).toEqual(['Ready.Healthy', 2]);
    return stage;
  }

  it('given it is lost before stableAfterMs, then its failures still count', async () => {
    const stage = await recovered();
    await stage.pass(policy.stableAfterMs - 1);
    stage.lanes[0]?.lose();
    await turn();
    expect(failures(stage)).toBe(2);
  });

  it('given it is Ready for stableAfterMs, then the backoff begins anew', async () => {
    const stage = await recovered();
    await stage.pass(policy.stableAfterMs);
    expect(failures(stage)).toBe(0);
    stage.registry.request(ID, 'restart requested');
    expect(await fail(stage)).toBe(policy.cooldownMs);
  });

  it('given the gateway restarts before stableAfterMs, then only the time of one Ready counts', async () => {
    const stage = await recovered();
    await stage.pass(policy.stableAfterMs - 1);
    const next = stage.nextLife();
    await next.boot();
    (await next.start()).succeed();
    await turn();
    await next.pass(policy.stableAfterMs - 1);
    expect(failures(next)).toBe(2);
    await next.pass(1);
    expect(failures(next)).toBe(0);
  });
});

describe('what people say goes before the policy', () => {
  async function coolingDown(): Promise<Stage> {
    const stage = persistent(new Stage(jittery));
    await fail(stage);
    return stage;
  }

  it('given a restart is asked for while it cools down, then it starts at once and earlier failures are forgotten', async () => {
    const stage = await coolingDown();
    stage.registry.request(ID, 'restart requested');
    expect([stage.state(ID), failures(stage)]).toEqual(['Pending.Starting', 0]);
  });

  it('given a stop is asked for while it cools down, then nothing is owed any more', async () => {
    const stage = await coolingDown();
    stage.registry.request(ID, 'stop requested');
    await stage.pass(10 * policy.cooldownMaxMs);
    expect([stage.state(ID), stage.starts.length]).toEqual(['Ended.Completed', 1]);
    expect([...stage.log.owed()]).toEqual([]);
  });
});
