import { describe, expect, it } from 'vitest';
import { BackendSlot } from '../../../src/actors/slot.ts';
import type { Lane } from '../../../src/backends/backend.ts';
import { turn } from '../../support/actors-fixtures.ts';
import { type Deferred, deferred } from '../../support/deferred.ts';
import { StageLane } from '../../support/stage-backends.ts';

interface Launch extends Deferred<Lane> {
  readonly signal: AbortSignal;
}

/** A slot whose starts a test steers, and how each of them ended. */
function given() {
  const slot = new BackendSlot();
  const launches: Launch[] = [];
  const start = () =>
    slot
      .start(signal => {
        const launch = { ...deferred<Lane>(), signal };
        launches.push(launch);
        return launch.promise;
      })
      .then(
        () => 'started',
        (error: Error) => error.message,
      );
  const lingering = () => {
    const lane = new StageLane(1, null, 0);
    lane.lingers = true;
    return lane;
  };
  return { slot, launches, start, lingering };
}

/** Whether a promise has settled by the end of this turn. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await turn();
  return done;
}

describe('the place of one backend (invariant 2)', () => {
  it('holds the lane of the start that succeeded', async () => {
    const { slot, launches, start } = given();
    const lane = new StageLane(1, null, 0);
    const started = start();
    await turn();
    launches[0]?.resolve(lane);
    expect(await started).toBe('started');
    expect([slot.lane, slot.empty]).toEqual([lane, false]);
  });

  it('is empty after a start that failed, and says why', async () => {
    const { slot, launches, start } = given();
    const started = start();
    await turn();
    launches[0]?.reject(new Error('command not found'));
    expect([await started, slot.empty]).toEqual(['command not found', true]);
  });

  it('begins a start only when the earlier backend is gone', async () => {
    const { slot, launches, start, lingering } = given();
    const lane = lingering();
    void start();
    await turn();
    launches[0]?.resolve(lane);
    await turn();
    const closed = slot.close();
    void start();
    await turn();
    expect([launches.length, slot.lane]).toEqual([1, null]);
    lane.gone.resolve();
    await closed;
    await turn();
    expect(launches.length).toBe(2);
  });

  it('closing aborts the start under way and waits for its end', async () => {
    const { slot, launches, start } = given();
    const started = start();
    await turn();
    const closed = slot.close();
    expect([launches[0]?.signal.aborted, await settled(closed)]).toEqual([true, false]);
    launches[0]?.reject(new Error('cancelled'));
    await closed;
    expect([await started, slot.empty]).toEqual(['cancelled', true]);
  });

  it('a start that succeeds although it was aborted is ended, and never serves', async () => {
    const { slot, launches, start, lingering } = given();
    const started = start();
    await turn();
    const closed = slot.close();
    const late = lingering();
    launches[0]?.resolve(late);
    expect(await started).toBe('closed while it started');
    expect([slot.lane, late.closes, await settled(closed)]).toEqual([null, 1, false]);
    late.gone.resolve();
    expect(await settled(closed)).toBe(true);
  });

  it('a start that waits for the earlier end is never launched once it is closed', async () => {
    const { slot, launches, start, lingering } = given();
    const lane = lingering();
    void start();
    await turn();
    launches[0]?.resolve(lane);
    await turn();
    void slot.close();
    const second = start();
    const closed = slot.close();
    lane.gone.resolve();
    await closed;
    expect([await second, launches.length]).toEqual(['This operation was aborted', 1]);
    expect(slot.empty).toBe(true);
  });

  it('closing again waits for the ends under way, and closes nothing twice', async () => {
    const { slot, launches, start, lingering } = given();
    const lane = lingering();
    void start();
    await turn();
    launches[0]?.resolve(lane);
    await turn();
    void slot.close();
    const again = slot.close();
    expect([await settled(again), lane.closes]).toEqual([false, 1]);
    lane.gone.resolve();
    await again;
    expect(slot.empty).toBe(true);
  });

  it('closing what is empty is over at once', async () => {
    const { slot } = given();
    await slot.close();
    expect(slot.empty).toBe(true);
  });
});

describe('the record of a spawn (invariant 7)', () => {
  const report = (promise: Promise<void>) => promise.then(() => 'recorded').catch((e: Error) => e.message);

  it('is waited for until it is confirmed or refused', async () => {
    const { slot } = given();
    const signal = new AbortController().signal;
    const first = report(slot.awaitSpawnRecord(signal));
    slot.confirmSpawn();
    expect(await first).toBe('recorded');
    const second = report(slot.awaitSpawnRecord(signal));
    slot.rejectSpawn(new Error('no space left'));
    expect(await second).toBe('no space left');
  });

  it('is waited for no longer than the start goes on', async () => {
    const { slot } = given();
    const start = new AbortController();
    const early = report(slot.awaitSpawnRecord(start.signal));
    start.abort();
    expect(await early).toBe('closed while it started');
    expect(await report(slot.awaitSpawnRecord(start.signal))).toBe('closed while it started');
  });
});
