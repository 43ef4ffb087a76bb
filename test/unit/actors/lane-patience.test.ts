import { describe, expect, it } from 'vitest';
import type { ExtraNeed } from '../../../src/actors/launch-lane.ts';
import type { JsonObject } from '../../../src/store/event-log.ts';
import { codeOf, turn } from '../../support/actors-fixtures.ts';
import { LaneStage, laneSettings, MODERN, sessionNeed } from '../../support/lane-stage.ts';

const MOST_OFFERS = 100;

/** A session of a client that offers sampling, of this kind. */
const client = (sessionId: string, sampling: JsonObject): ExtraNeed => ({
  kind: 'session',
  sessionId,
  offer: { protocolVersion: '2025-06-18', capabilities: { sampling }, clientInfo: null },
});

/** Deeper than JSON.stringify can go. */
const bottomless: JsonObject = JSON.parse(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);

async function fail(stage: LaneStage, need: ExtraNeed, times: number = laneSettings.maxStartFailures) {
  for (let time = 0; time < times; time++) {
    void stage.launch(need);
    (await stage.start(stage.starts.length)).fail('that client is refused');
    await turn();
  }
}

/** Whether a lane is launched for it, else the code of the refusal. */
async function launched(stage: LaneStage, need: ExtraNeed): Promise<string> {
  const before = stage.starts.length;
  const answer = codeOf(stage.launch(need));
  await turn();
  if (stage.starts.length === before) return answer;
  stage.starts.at(-1)?.succeed();
  return answer;
}

describe('given a client whose lanes fail, be it that the backend refuses what it says of itself', () => {
  it.each([
    ['a client that says something else', client('other', {})],
    ['the modern era', MODERN],
  ])('when it has used up its failures, then lanes for %s are launched all the same', async (_name, need) => {
    const stage = new LaneStage();
    await fail(stage, client('bad', { of: 'its own' }));
    expect(await launched(stage, client('bad', { of: 'its own' }))).toBe('0002');
    expect(await launched(stage, need)).toBe('lane');
  });

  it('when it says what cannot even be written down, then the same holds', async () => {
    const stage = new LaneStage({ maxLanesPerService: 10 });
    await fail(stage, client('bad', bottomless));
    expect(await launched(stage, client('bad too', bottomless))).toBe('0002');
    expect(await launched(stage, sessionNeed('good'))).toBe('lane');
  });

  it('when its next session says the same, then that counts as the same client', async () => {
    const stage = new LaneStage();
    await fail(stage, client('one', { of: 'its own' }), 1);
    await fail(stage, client('two', { of: 'its own' }), 1);
    expect(await launched(stage, client('three', { of: 'its own' }))).toBe('0002');
  });

  it('when another’s lane comes up, then that does not prove this one right; its own does', async () => {
    const stage = new LaneStage();
    await fail(stage, client('bad', { of: 'its own' }), 1);
    expect(await launched(stage, sessionNeed('good'))).toBe('lane');
    await fail(stage, client('bad', { of: 'its own' }), 1);
    expect(await launched(stage, client('bad', { of: 'its own' }))).toBe('0002');
    await stage.pass(laneSettings.restartCooldownMaxMs);
    expect(await launched(stage, client('bad', { of: 'its own' }))).toBe('lane');
    await turn();
    stage.pool.release('bad');
    await turn();
    await fail(stage, client('bad', { of: 'its own' }), 1);
    expect(await launched(stage, client('bad', { of: 'its own' }))).toBe('lane');
  });

  it('when more kinds of clients fail than are kept, then the one that did longest ago is given new trust (invariant 10)', async () => {
    const stage = new LaneStage({ maxStartFailures: 1 });
    // One that comes up now and then proves that the backend is not at fault.
    const failKinds = async (...kinds: number[]) => {
      for (const kind of kinds) {
        await fail(stage, client('bad', { kind }), 1);
        expect(await launched(stage, sessionNeed('good'))).toBe('lane');
        stage.pool.release('good');
        await turn();
      }
    };
    await failKinds(0, 1);
    await stage.pass(laneSettings.restartCooldownMaxMs);
    await failKinds(...Array.from({ length: MOST_OFFERS }, (_none, at) => at).slice(2));
    await failKinds(1, MOST_OFFERS, MOST_OFFERS + 1);
    const kinds = [0, 1, 2, 3, MOST_OFFERS, MOST_OFFERS + 1];
    const answers: string[] = [];
    for (const kind of kinds) answers.push(await launched(stage, client(`of kind ${kind}`, { kind })));
    expect(answers).toEqual(['lane', '0002', 'lane', '0002', '0002', '0002']);
  });

  it('when it tries again and again, then that never uses up the failures of all', async () => {
    const stage = new LaneStage({ maxStartFailures: 1 });
    for (let tries = 0; tries < 15; tries++) {
      await fail(stage, client('bad', { of: 'its own' }), 1);
      await stage.pass(laneSettings.restartCooldownMaxMs);
    }
    await fail(stage, client('bad', { of: 'its own' }), 1);
    expect(await launched(stage, sessionNeed('good'))).toBe('lane');
  });

  it('when the service is started anew, then nothing is held against anybody', async () => {
    const stage = new LaneStage();
    await fail(stage, client('bad', {}));
    await stage.pool.close();
    stage.open('auto', 2);
    expect(await launched(stage, client('bad', {}))).toBe('lane');
  });
});
