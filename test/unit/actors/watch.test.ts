import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { watchLane } from '../../../src/actors/watch.ts';
import { turn } from '../../support/actors-fixtures.ts';
import { StageLane } from '../../support/stage-backends.ts';

const PROBE_MS = 1000;

/** A lane that is watched, and what was reported of it. */
function given(idleMs = 0) {
  const clock = new SimulatedClock();
  const lane = new StageLane(1, null, 0);
  const reports: string[] = [];
  const settings = { probeIntervalMs: PROBE_MS, probeTimeoutMs: 100, idleMs: () => idleMs };
  const stop = watchLane(lane, settings, clock, idleMs, {
    answered: () => reports.push('answered'),
    silent: reason => reports.push(`silent: ${reason}`),
    lost: ({ message }) => reports.push(`lost: ${message}`),
    idle: ms => reports.push(`idle: ${ms}`),
  });
  const pass = async (ms: number) => {
    clock.increment(ms);
    await turn();
  };
  return { clock, lane, reports, stop, pass };
}

describe('watching a lane', () => {
  it('a loss is told once, whenever it happens', async () => {
    const { lane, reports, pass } = given();
    lane.lose('it exited');
    await pass(0);
    expect(reports).toEqual(['lost: it exited']);
  });

  it('a lane that spoke within the interval is not asked', async () => {
    const { clock, lane, reports, pass } = given();
    lane.lastSignOfLifeAt = clock.now() + 1;
    await pass(PROBE_MS);
    expect([lane.probes.length, reports]).toEqual([0, ['answered']]);
  });

  it('a silent lane is asked, and its answer told', async () => {
    const { lane, reports, pass } = given();
    await pass(PROBE_MS);
    expect([lane.probes.length, reports]).toEqual([1, []]);
    lane.probes[0]?.resolve();
    await pass(0);
    expect(reports).toEqual(['answered']);
  });

  it('each probe that goes unanswered is told, the next one an interval after its end', async () => {
    const { lane, reports, pass } = given();
    await pass(PROBE_MS);
    await pass(5 * PROBE_MS);
    expect(lane.probes.length).toBe(1);
    lane.probes[0]?.reject(new Error('no answer to ping'));
    await pass(0);
    await pass(PROBE_MS - 1);
    expect([lane.probes.length, reports]).toEqual([1, ['silent: no answer to ping']]);
    await pass(1);
    expect(lane.probes.length).toBe(2);
  });

  it('nothing is told after the watch ended, though a probe was under way', async () => {
    const { lane, reports, stop, pass } = given(500);
    await pass(PROBE_MS);
    reports.length = 0;
    stop();
    lane.probes[0]?.reject(new Error('no answer to ping'));
    lane.lose();
    await pass(10 * PROBE_MS);
    expect([lane.probes.length, reports]).toEqual([1, []]);
  });
});

describe('idle reaping', () => {
  it('a lane nobody used for the idle time is told idle', async () => {
    const { reports, pass } = given(300);
    await pass(299);
    expect(reports).toEqual([]);
    await pass(1);
    expect(reports).toEqual(['idle: 300']);
  });

  it('the time counts from the last use', async () => {
    const { clock, lane, reports, pass } = given(300);
    await pass(200);
    lane.lastUsedAt = clock.now();
    await pass(299);
    expect(reports).toEqual([]);
    await pass(1);
    expect(reports).toEqual(['idle: 300']);
  });

  it('a lane that is busy is not idle, however long', async () => {
    const { clock, lane, reports, pass } = given(300);
    lane.load = 1;
    for (let round = 0; round < 3; round++) await pass(300);
    expect(reports).toEqual([]);
    lane.load = 0;
    lane.lastUsedAt = clock.now();
    await pass(300);
    expect(reports).toEqual(['idle: 300']);
  });

  it('an idle lane that is not reaped is told again after another idle time, not at once', async () => {
    const { reports, pass } = given(300);
    await pass(300);
    await pass(299);
    expect(reports).toEqual(['idle: 300']);
    await pass(1);
    expect(reports).toEqual(['idle: 300', 'idle: 600']);
  });

  it('an idle time of 0 is never', async () => {
    const { lane, reports, pass } = given(0);
    lane.lastSignOfLifeAt = Number.MAX_SAFE_INTEGER;
    await pass(900);
    expect(reports).toEqual([]);
  });
});
