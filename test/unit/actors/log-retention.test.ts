import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { LogRetention, type LogRetentionOptions } from '../../../src/actors/log-retention.ts';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { draft } from '../store/drafts.ts';

/** A log of ten records, one second apart, and a retention in slices of three. */
function rig(changes: Partial<LogRetentionOptions> = {}) {
  const log = new MemoryLog();
  let token = NO_TOKEN;
  for (let i = 1; i <= 10; i++) token = log.append('a', token, [draft('x', { at: i * 1000 })]);
  const clock = new SimulatedClock();
  const faults: unknown[] = [];
  const retention = new LogRetention({
    log,
    clock,
    maxRecords: 100,
    maxAgeMs: 0,
    onFault: error => faults.push(error),
    slice: 3,
    pauseMs: 10,
    roundMs: 1000,
    busyRoundMs: 100,
    ...changes,
  });
  return { log, clock, faults, retention, count: () => log.tail(0, 100).length };
}

describe('the retention of the log (invariant 10)', () => {
  it('given more records than are kept, then they go a slice at a time', () => {
    const { clock, retention, count } = rig({ maxRecords: 2 });
    retention.start();
    const counts = [count()];
    for (let i = 0; i < 4; i++) {
      clock.increment(10);
      counts.push(count());
    }
    expect(counts).toEqual([10, 7, 2, 2, 2]);
  });

  it('given a log that grows faster than the first slices remove, then slices grow until they keep pace', () => {
    const budgets: number[] = [];
    const { clock, retention } = rig({
      log: {
        prune: (_, budget) => {
          budgets.push(budget);
          return budget;
        },
      },
    });
    retention.start();
    for (let i = 0; i < 15; i++) clock.increment(10);
    expect(budgets.slice(0, 4)).toEqual([3, 6, 12, 24]);
    expect(Math.max(...budgets)).toBe(4096);
  });

  it('given slices that take long, then they shrink to what the event loop can bear', () => {
    const budgets: number[] = [];
    const { clock, retention } = rig({
      slice: 64,
      log: {
        prune: (_, budget) => {
          budgets.push(budget);
          clock.set(clock.now() + budget); // a millisecond each
          return budget;
        },
      },
    });
    retention.start();
    for (let i = 0; i < 8; i++) clock.increment(10);
    expect(budgets).toEqual([64, 32, 16, 16, 16, 16, 16, 16]);
  });

  it('given a round that is over, then the next one comes by itself', () => {
    const { log, clock, retention, count } = rig({ maxRecords: 9 });
    retention.start();
    clock.increment(10);
    expect(count()).toBe(9);
    log.append('b', NO_TOKEN, [draft('x'), draft('y')]);
    clock.increment(99);
    expect(count()).toBe(11);
    clock.increment(1);
    expect(count()).toBe(9);
  });

  it('given a round that had nothing to remove, then the next one comes later', () => {
    const { log, clock, retention, count } = rig({ maxRecords: 10 });
    retention.start();
    clock.increment(10);
    log.append('b', NO_TOKEN, [draft('x'), draft('y')]);
    clock.increment(999);
    expect(count()).toBe(12);
    clock.increment(1);
    expect(count()).toBe(10);
  });

  it('given an age, then older records go; given 0, none goes', () => {
    const aged = rig({ maxAgeMs: 5000 });
    aged.clock.set(12_000);
    aged.retention.start();
    for (let i = 0; i < 4; i++) aged.clock.increment(10);
    expect(aged.log.tail(0, 1)[0]?.at).toBe(8000);

    const ageless = rig({ maxAgeMs: 0 });
    ageless.clock.set(1e12);
    ageless.retention.start();
    ageless.clock.increment(100_000);
    expect(ageless.count()).toBe(10);
  });

  it('given a log that cannot be written, then it says so and tries again', () => {
    let full = true;
    const { log, clock, faults, retention, count } = rig();
    const refusing = new LogRetention({
      log: {
        prune: (limits, budget) => {
          if (full) throw new StorageError('no space');
          return log.prune(limits, budget);
        },
      },
      clock,
      maxRecords: 2,
      maxAgeMs: 0,
      onFault: error => faults.push(error),
      roundMs: 1000,
      pauseMs: 10,
    });
    retention.stop();
    refusing.start();
    clock.increment(10);
    expect([faults.length, count()]).toEqual([1, 10]);
    full = false;
    clock.increment(1000);
    expect([faults.length, count()]).toEqual([1, 2]);
  });

  it('given it is stopped, then nothing more goes', () => {
    const { clock, retention, count } = rig({ maxRecords: 2 });
    retention.start();
    clock.increment(10);
    retention.stop();
    clock.increment(100_000);
    expect(count()).toBe(7);
  });
});
