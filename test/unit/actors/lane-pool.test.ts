import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import type { ClientOffer } from '../../../src/actors/services.ts';
import { StartFailure } from '../../../src/backends/backend.ts';
import { codeOf, turn } from '../../support/actors-fixtures.ts';
import { LaneStage, laneSettings, MODERN, sessionNeed } from '../../support/lane-stage.ts';

const reasonOf = async (answer: Promise<unknown>) => {
  const refusal = await answer;
  return refusal instanceof Refusal ? `${refusal.code} ${refusal.reason}` : 'lane';
};

describe('which lane a session gets', () => {
  const needs = {
    plain: {},
    sampling: { sampling: {} },
    elicitation: { elicitation: {} },
    roots: { roots: {} },
  };

  it.each([
    ['auto', ['first', 'own', 'own', 'own']],
    ['session', ['own', 'own', 'own', 'own']],
    ['shared', ['first', 'first', 'first', 'first']],
  ] as const)('isolation %s: by what its client offers', (isolation, expected) => {
    const stage = new LaneStage();
    stage.open(isolation);
    const found = Object.values(needs).map(offers =>
      stage.find(sessionNeed('s', offers)) === stage.first ? 'first' : 'own',
    );
    expect(found).toEqual(expected);
  });

  it('a first lane of the modern era serves everybody', () => {
    const stage = new LaneStage();
    const first = { ...stage.first, handshake: { ...stage.first.handshake, era: 'modern' as const } };
    stage.open('session');
    const lanes = [sessionNeed('s'), MODERN].map(need => stage.pool.find(need, first as never));
    expect(lanes).toEqual([first, first]);
  });

  it('a lane of its own is introduced with what the client said of itself', async () => {
    const stage = new LaneStage();
    const need = sessionNeed('s', { roots: {} });
    void stage.launch(need);
    const { request } = await stage.start();
    const { offer } = need as { readonly offer: ClientOffer };
    expect(request).toMatchObject({
      id: 'tools',
      generation: 1,
      lane: 1,
      introduction: { era: 'legacy', ...offer },
    });
  });

  it('each session has its own, found again without another launch', async () => {
    const stage = new LaneStage();
    const one = await stage.serving(sessionNeed('one'));
    const other = await stage.serving(sessionNeed('other'));
    expect([stage.find(sessionNeed('one')), stage.find(sessionNeed('other'))]).toEqual([one, other]);
    expect(one).not.toBe(other);
    expect(stage.find(sessionNeed('third'))).toBeNull();
  });

  it('all modern requests share one', async () => {
    const stage = new LaneStage();
    const lane = await stage.serving(MODERN);
    expect([stage.find(MODERN), stage.starts[0]?.request.introduction]).toEqual([lane, { era: 'modern' }]);
  });
});

describe('the launch of a lane', () => {
  it('is one for all who need the same (invariant 1)', async () => {
    const stage = new LaneStage();
    const waiting = [stage.launch(sessionNeed('s')), stage.launch(sessionNeed('s'))];
    const start = await stage.start();
    const lane = start.succeed();
    expect(await Promise.all(waiting)).toEqual([lane, lane]);
    expect(stage.starts).toHaveLength(1);
  });

  it('does not use its process before that is on record, and forgets it when it is gone (invariant 7)', async () => {
    const stage = new LaneStage();
    const lane = await stage.serving(sessionNeed('s'));
    const process = { pid: 200, pgid: 200, startTicks: 1400 };
    expect(stage.reports).toEqual([{ type: 'lane spawned', generation: 1, lane: 1, process }]);
    lane.lingers = true;
    stage.pool.release('s');
    await turn();
    expect(stage.reports).toHaveLength(1);
    lane.gone.resolve();
    await turn();
    expect(stage.reports[1]).toEqual({
      type: 'lane ended',
      generation: 1,
      lane: 1,
      reason: 'the session has ended',
    });
  });

  it('fails when its process cannot be recorded; nothing is told of its end then', async () => {
    const stage = new LaneStage();
    stage.writes = false;
    const answer = reasonOf(stage.launch(sessionNeed('s')));
    const start = await stage.start();
    await expect(start.spawn()).rejects.toThrow('no space left');
    start.fail('its process could not be recorded');
    expect(await answer).toBe('0005 its process could not be recorded');
    expect(stage.reports.map(({ type }) => type)).toEqual(['lane spawned']);
  });

  it('that fails refuses all who wait with 0005 and the reason; the next need tries again', async () => {
    const stage = new LaneStage();
    const waiting = [stage.launch(sessionNeed('s')), stage.launch(sessionNeed('s'))].map(reasonOf);
    (await stage.start()).fail('it printed garbage');
    expect(await Promise.all(waiting)).toEqual(['0005 it printed garbage', '0005 it printed garbage']);
    const again = codeOf(stage.launch(sessionNeed('s')));
    (await stage.start(1)).succeed();
    expect(await again).toBe('lane');
  });

  it('is waited for as long as the request is willing to: 0003, and it goes on', async () => {
    const stage = new LaneStage();
    const impatient = codeOf(stage.launch(sessionNeed('s'), { waitMs: 0 }));
    const patient = codeOf(stage.launch(sessionNeed('s')));
    const start = await stage.start();
    expect(await impatient).toBe('0003');
    await stage.pass(20_000);
    expect(await patient).toBe('0003');
    const lane = start.succeed();
    await turn();
    expect([start.aborted, stage.find(sessionNeed('s'))]).toEqual([false, lane]);
  });

  it('passes the start gate', async () => {
    const stage = new LaneStage({ permits: 1 });
    void stage.launch(sessionNeed('one'));
    void stage.launch(sessionNeed('other'));
    await turn();
    expect([stage.starts.length, stage.gate.inUse, stage.gate.waiting]).toEqual([1, 1, 1]);
    stage.starts[0]?.fail();
    expect((await stage.start(1)).request.lane).toBe(2);
    stage.starts[1]?.succeed();
    await turn();
    expect([stage.gate.inUse, stage.gate.waiting]).toEqual([0, 0]);
  });

  it('that waits at the start gate is given up with its session', async () => {
    const stage = new LaneStage({ permits: 1 });
    void stage.launch(sessionNeed('one'));
    const answer = reasonOf(stage.launch(sessionNeed('other')));
    await turn();
    stage.pool.release('other');
    expect(await answer).toBe('0005 the session has ended');
    stage.starts[0]?.fail();
    await turn();
    expect([stage.starts.length, stage.gate.inUse, stage.pool.empty]).toEqual([1, 0, true]);
  });

  it('is aborted with its session', async () => {
    const stage = new LaneStage();
    const answer = codeOf(stage.launch(sessionNeed('s')));
    const start = await stage.start();
    stage.pool.release('s');
    expect([await answer, start.aborted]).toEqual(['0005', true]);
  });

  it('that succeeds although it was aborted is ended, and never serves', async () => {
    const stage = new LaneStage();
    void stage.launch(sessionNeed('s'));
    const start = await stage.start();
    start.lingers = true;
    stage.pool.release('s');
    const late = start.succeed();
    await turn();
    expect([stage.find(sessionNeed('s')), late.closes, stage.pool.empty]).toEqual([null, 1, true]);
  });

  it('in the place of one that is ending waits for its end (invariant 2)', async () => {
    const stage = new LaneStage();
    const lane = await stage.serving(sessionNeed('s'));
    lane.lingers = true;
    lane.lose();
    await turn();
    const again = codeOf(stage.launch(sessionNeed('s')));
    await turn();
    expect(stage.starts).toHaveLength(1);
    lane.gone.resolve();
    (await stage.start(1)).succeed();
    expect(await again).toBe('lane');
  });
});

describe('the bounds (invariant 10)', () => {
  it('past maxLanesPerService, the first lane and ending ones counted, a need is refused with 0009', async () => {
    const stage = new LaneStage({ maxLanesPerService: 3 });
    const lane = await stage.serving(sessionNeed('one'));
    void stage.launch(sessionNeed('two'));
    expect(await codeOf(stage.launch(sessionNeed('three')))).toBe('0009');
    lane.lingers = true;
    stage.pool.release('one');
    await turn();
    expect(await codeOf(stage.launch(sessionNeed('three')))).toBe('0009');
    lane.gone.resolve();
    await turn();
    void stage.launch(sessionNeed('three'));
    expect((await stage.start(2)).request.lane).toBe(3);
  });

  it('past maxLanesPerService the lane that idled longest makes room, and is gone before the next begins (invariant 2)', async () => {
    const stage = new LaneStage({ maxLanesPerService: 3, probeIntervalMs: 1_000_000 });
    const oldest = await stage.serving(sessionNeed('one'));
    stage.clock.increment(5000);
    await stage.serving(sessionNeed('two'));
    expect(await codeOf(stage.launch(sessionNeed('three')))).toBe('0009');
    stage.clock.increment(5000);
    oldest.lingers = true;
    const third = codeOf(stage.launch(sessionNeed('three')));
    await turn();
    expect(stage.starts).toHaveLength(2);
    oldest.gone.resolve();
    (await stage.start(2)).succeed();
    expect(await third).toBe('lane');
    expect(stage.pool.find(sessionNeed('one'), stage.first)).toBeNull();
    expect(stage.pool.find(sessionNeed('two'), stage.first)).not.toBeNull();
  });

  it('a session whose lane had to make room waits for its end, too, when another makes room for it (invariant 2)', async () => {
    const stage = new LaneStage({ maxLanesPerService: 3, probeIntervalMs: 1_000_000 });
    const first = await stage.serving(sessionNeed('one'));
    first.lingers = true;
    stage.clock.increment(1_000);
    await stage.serving(sessionNeed('two'));
    stage.clock.increment(10_000);
    void stage.launch(sessionNeed('three'));
    const again = codeOf(stage.launch(sessionNeed('one')));
    await turn();
    expect(stage.find(sessionNeed('two'))).toBeNull();
    expect(stage.starts).toHaveLength(2);
    first.gone.resolve();
    await turn();
    expect(stage.starts.slice(2).map(({ request }) => request.lane)).toEqual([3, 4]);
    stage.starts[3]?.succeed();
    expect(await again).toBe('lane');
  });

  it('a lane in the place of one that is ending needs no more room than that', async () => {
    const stage = new LaneStage({ maxLanesPerService: 2 });
    const lane = await stage.serving(sessionNeed('s'));
    lane.lingers = true;
    lane.lose();
    await turn();
    const again = codeOf(stage.launch(sessionNeed('s')));
    lane.gone.resolve();
    (await stage.start(1)).succeed();
    expect(await again).toBe('lane');
  });

  it('past maxHeldRequests, those who wait for any lane counted, a request is refused with 0009', async () => {
    const stage = new LaneStage({ maxHeldRequests: 2 });
    void stage.launch(sessionNeed('one'));
    void stage.launch(sessionNeed('two'));
    expect(await codeOf(stage.launch(sessionNeed('one')))).toBe('0009');
  });

  it('after ten times as many in a row, of whatever clients, the next is refused, too', async () => {
    const stage = new LaneStage();
    for (let number = 0; number < 20; number++) {
      void stage.launch(sessionNeed(`s${number}`, { sampling: {}, [`x${number}`]: {} }));
      (await stage.start(number)).fail('no display');
      await turn();
    }
    expect(await codeOf(stage.launch(sessionNeed('another')))).toBe('0002');
    await stage.pass(laneSettings.restartCooldownMaxMs);
    const again = codeOf(stage.launch(sessionNeed('another')));
    (await stage.start(20)).succeed();
    expect(await again).toBe('lane');
    void stage.launch(sessionNeed('next', { roots: {} }));
    await stage.start(21);
  });

  it('after maxStartFailures in a row the next is refused with 0002, then one is tried again', async () => {
    const stage = new LaneStage();
    for (const number of [0, 1]) {
      void stage.launch(sessionNeed('s'));
      (await stage.start(number)).fail('no display');
      await turn();
    }
    await stage.pass(3000);
    const refusal = (await stage.launch(sessionNeed('s'))) as Refusal;
    expect([refusal.code, refusal.reason, refusal.retryAfterMs]).toEqual(['0002', 'no display', 5000]);
    await stage.pass(5000);
    const again = codeOf(stage.launch(sessionNeed('s')));
    (await stage.start(2)).succeed();
    expect(await again).toBe('lane');
    await turn();
    void stage.launch(sessionNeed('other'));
    (await stage.start(3)).fail();
    await turn();
    void stage.launch(sessionNeed('other'));
    expect((await stage.start(4)).aborted).toBe(false);
  });
});

describe('a lane that serves', () => {
  it('is dropped when it is lost, and its process tree ended', async () => {
    const stage = new LaneStage();
    const lane = await stage.serving(sessionNeed('s'));
    lane.lose('it exited with code 1');
    await turn();
    expect([stage.find(sessionNeed('s')), lane.closes, stage.pool.empty]).toEqual([null, 1, true]);
    expect(stage.reports.at(-1)).toMatchObject({ type: 'lane ended', reason: 'it exited with code 1' });
    await stage.pass(laneSettings.probeIntervalMs);
    expect(lane.probes).toEqual([]);
  });

  it('is dropped after as many unanswered probes in a row as the first would be', async () => {
    const stage = new LaneStage({ laneIdleMs: 0 });
    const lane = await stage.serving(sessionNeed('s'));
    const probe = async (answer: 'resolve' | 'reject') => {
      await stage.pass(20_000);
      lane.probes.at(-1)?.[answer](new Error('no answer') as never);
      await turn();
    };
    for (const answer of ['reject', 'resolve', 'reject'] as const) await probe(answer);
    expect(stage.find(sessionNeed('s'))).toBe(lane);
    await probe('reject');
    expect([stage.find(sessionNeed('s')), lane.closes]).toEqual([null, 1]);
  });

  it('is dropped when a request found it silent', async () => {
    const stage = new LaneStage();
    const lane = await stage.serving(sessionNeed('s'));
    stage.pool.lose(stage.first, 'not one of these');
    expect(stage.find(sessionNeed('s'))).toBe(lane);
    stage.pool.lose(lane, 'no answer');
    expect(stage.find(sessionNeed('s'))).toBeNull();
  });

  it('is reaped when it idles, but not while it is busy', async () => {
    const stage = new LaneStage({ probeIntervalMs: 1_000_000 });
    const [idle, busy] = [await stage.serving(sessionNeed('idle')), await stage.serving(sessionNeed('busy'))];
    busy.load = 1;
    await stage.pass(60_000);
    expect([idle.closes, busy.closes]).toEqual([1, 0]);
    expect(stage.reports.at(-1)).toMatchObject({ reason: 'idle for 60 s' });
  });

  it('ends with its service, which waits until all of it is gone (invariant 2)', async () => {
    const stage = new LaneStage();
    const lanes = [await stage.serving(sessionNeed('one')), await stage.serving(MODERN)];
    const starting = codeOf(stage.launch(sessionNeed('two')));
    await turn();
    for (const lane of lanes) lane.lingers = true;
    let closed = false;
    const closing = stage.pool.close().then(() => {
      closed = true;
    });
    expect([await starting, stage.starts[2]?.aborted, stage.find(sessionNeed('one'))]).toEqual([
      '0005',
      true,
      null,
    ]);
    lanes[0]?.gone.resolve();
    await turn();
    expect([closed, stage.pool.empty]).toEqual([false, false]);
    lanes[1]?.gone.resolve();
    await closing;
    expect(stage.pool.empty).toBe(true);
    expect(await codeOf(stage.launch(sessionNeed('one')))).toBe('0005');
  });

  it('counts as use of the service', async () => {
    const stage = new LaneStage();
    expect([stage.pool.load, stage.pool.lastUsedAt]).toEqual([0, 0]);
    await stage.pass(1000);
    void stage.launch(sessionNeed('s'));
    expect([stage.pool.load, stage.pool.lastUsedAt]).toEqual([1, 1000]);
    const lane = (await stage.start()).succeed();
    await turn();
    lane.load = 3;
    lane.lastUsedAt = 5000;
    expect([stage.pool.load, stage.pool.lastUsedAt]).toEqual([3, 5000]);
    await stage.pass(6000);
    stage.pool.release('s');
    expect([stage.pool.load, stage.pool.lastUsedAt]).toEqual([0, 7000]);
  });
});

describe('a backend that does not speak the modern era', () => {
  const fail = (stage: LaneStage, number: number) =>
    stage.start(number).then(start => start.fail(new StartFailure('method not found', 'modern')));

  it('is asked once: modern requests are refused with what it said from then on, until its next start', async () => {
    const stage = new LaneStage();
    const answers = [stage.launch(MODERN), stage.launch(MODERN)];
    await fail(stage, 0);
    answers.push(stage.launch(MODERN));
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ code: '0005', reason: 'method not found', unspoken: 'modern' });
    expect(stage.starts).toHaveLength(1);
    await stage.pool.close();
    stage.open('auto', 2);
    void stage.launch(MODERN);
    expect((await stage.start(1)).request.generation).toBe(2);
  });

  it('still gets lanes for sessions: that was no failure', async () => {
    const stage = new LaneStage({ maxStartFailures: 1 });
    void stage.launch(MODERN);
    await fail(stage, 0);
    await turn();
    expect(await stage.serving(sessionNeed('s'))).toBe(stage.find(sessionNeed('s')));
  });
});
