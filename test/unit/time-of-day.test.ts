/** The time of day is set while something waits: what may take so long takes so long all the same. */
import { describe, expect, it, vi } from 'vitest';
import { LanePatience } from '../../src/actors/lane-patience.ts';
import { watchLane } from '../../src/actors/watch.ts';
import { Multiplexer } from '../../src/backends/multiplexer/multiplexer.ts';
import { StartPatience } from '../../src/backends/start-patience.ts';
import { Pulse } from '../../src/http/fronts/pulse.ts';
import { LineLimiter } from '../../src/logging/line-limiter.ts';
import { codeOf, demand, order, outcome, Stage, turn } from '../support/actors-fixtures.ts';
import { sessionNeed } from '../support/lane-stage.ts';
import { hear, TestSession } from '../support/multiplexer.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { SettableClock } from '../support/settable-clock.ts';
import { StageLane } from '../support/stage-backends.ts';

const HOUR_MS = 3_600_000;
const LONG_MS = 1_000;

const noFault = (error: unknown) => {
  throw error;
};

function laneOn(clock: SettableClock): Multiplexer {
  const limits = { requestTimeoutMs: LONG_MS };
  return new Multiplexer({
    transport: new ScriptedTransport(),
    generation: 1,
    clock,
    limits,
    onFault: noFault,
  });
}

describe.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
])('given the time of day is set %s by an hour', (_name, changeMs) => {
  it('when calls are under way, then each has its outcome at its deadline, not before (invariant 3)', () => {
    const clock = new SettableClock();
    const session = new TestSession(laneOn(clock), 's');
    const calls = [session.call(1)];
    clock.increment(LONG_MS / 2);
    calls.push(session.call(2));
    clock.set(changeMs);
    calls.push(session.call(3));
    const over = () => calls.map(({ outcomes }) => outcomes.length);
    clock.increment(LONG_MS / 2 - 1);
    expect(over()).toEqual([0, 0, 0]);
    clock.increment(1);
    expect(over()).toEqual([1, 0, 0]);
    clock.increment(LONG_MS / 2);
    expect(over()).toEqual([1, 1, 1]);
  });

  it('when a client owes an answer to a backend, then that is told at the deadline', () => {
    const clock = new SettableClock();
    const lane = laneOn(clock);
    const session = new TestSession(lane, 's', { elicitation: {} });
    hear(lane, '{"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{}}');
    clock.set(changeMs);
    clock.increment(LONG_MS - 1);
    expect(session.delivered).toHaveLength(1);
    clock.increment(1);
    expect(session.delivered[1]).toMatchObject({ method: 'notifications/cancelled' });
  });

  it('when a backend starts in silence, then that is given up in time, not before', () => {
    const clock = new SettableClock();
    const given: string[] = [];
    const patience = new StartPatience(clock, LONG_MS, reason => given.push(reason));
    clock.increment(LONG_MS / 2);
    patience.moved();
    clock.set(changeMs);
    clock.increment(LONG_MS - 1);
    expect(given).toEqual([]);
    clock.increment(1);
    expect(given).toEqual([expect.stringMatching(/nothing was heard of it for 1000 ms/)]);
  });

  it('when lanes have failed, then the next is tried after the cooldown', () => {
    const clock = new SettableClock();
    const patience = new LanePatience(clock, { maxStartFailures: 1, restartCooldownMaxMs: LONG_MS });
    const need = sessionNeed('s');
    patience.failed(need, 'no display');
    clock.set(changeMs);
    clock.increment(LONG_MS - 1);
    expect(() => patience.require(need)).toThrow(/no display/);
    clock.increment(1);
    expect(() => patience.require(need)).not.toThrow();
  });

  it('when streams are kept open, then they beat on', () => {
    const clock = new SettableClock();
    const pulse = new Pulse(clock, LONG_MS);
    let beats = 0;
    pulse.add({ dueAt: 0, beatPlace: null, beat: () => ++beats < 3 });
    clock.increment(LONG_MS / 2);
    clock.set(changeMs);
    for (let quarter = 0; quarter < 3; quarter++) clock.increment(LONG_MS / 4);
    expect(beats).toBe(1);
  });

  it('when lines were left out of the log, then the next second has its own', () => {
    const clock = new SettableClock();
    const limiter = new LineLimiter(1, clock, () => {});
    expect([limiter.admits(), limiter.admits()]).toEqual([true, false]);
    clock.set(changeMs);
    expect(limiter.admits()).toBe(false);
    clock.increment(1_000);
    expect(limiter.admits()).toBe(true);
  });

  it('when a request waits for a start and then for its own lane, then no longer than it asked (invariant 3)', async () => {
    const stage = new Stage();
    const { clock } = stage;
    const steady = clock.now.bind(clock);
    Object.assign(clock, { steady });
    const asked = demand({ order: order('OneShot'), waitMs: LONG_MS });
    const request = outcome(() => stage.registry.admit('tools', asked, sessionNeed('s')));
    const start = await stage.start();
    await stage.pass(LONG_MS / 2);
    vi.spyOn(clock, 'now').mockImplementation(() => steady() + changeMs);
    start.succeed();
    await stage.start(1);
    await stage.pass(LONG_MS / 2 - 1);
    expect(await stage.verdict(request)).toBe('held');
    await stage.pass(1);
    expect(await codeOf(request)).toBe('0003');
  });
});

describe('given the time of day is set back, so that the last sign of life lies in the future', () => {
  it('when the lane is looked at, then it is probed: nothing is known of its silence', async () => {
    const clock = new SettableClock();
    const lane = new StageLane(1, null, 0);
    const probes = { probeIntervalMs: LONG_MS, probeTimeoutMs: 100, idleMs: () => 0 };
    const reports = { answered() {}, silent() {}, lost() {}, idle() {} };
    const stop = watchLane(lane, probes, clock, 0, reports);
    clock.set(-HOUR_MS);
    clock.increment(LONG_MS);
    await turn();
    expect(lane.probes).toHaveLength(1);
    stop();
  });

  it('when a request comes, then the lane is probed first', async () => {
    const stage = new Stage();
    const lane = await stage.ready('tools', 'Persistent');
    lane.lastSignOfLifeAt = stage.clock.now() + HOUR_MS;
    const request = stage.admit('tools');
    expect(await stage.verdict(request)).toBe('held');
    lane.probes[0]?.resolve();
    expect(await request).toBe(lane);
  });
});
