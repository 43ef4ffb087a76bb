import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { HoldQueue } from '../../../src/actors/hold.ts';
import { Refusal } from '../../../src/actors/refusal.ts';
import { codeOf, demand, outcome } from '../../support/actors-fixtures.ts';
import { StageLane } from '../../support/stage-backends.ts';

const lane = new StageLane(1, null, 0);

function given(bound = 10) {
  const clock = new SimulatedClock();
  const queue = new HoldQueue(clock, bound, () => new Refusal('0003', 'still starting', 1000));
  /** How often each of the requests was answered, by their promises. */
  const hold = (waitMs: number, signal = new AbortController().signal) =>
    outcome(() => queue.hold(demand({ signal }), waitMs));
  return { clock, queue, hold };
}

describe('requests that wait for a start', () => {
  it('are answered by the decision, in order of arrival, each once (invariant 3)', async () => {
    const { queue, hold, clock } = given();
    const held = [hold(100), hold(200), hold(300)];
    const asked: number[] = [];
    queue.review((_demand, deadline) => {
      asked.push(deadline);
      return deadline === 200 ? lane : null;
    });
    expect([asked, queue.size]).toEqual([[100, 200, 300], 2]);
    queue.review(() => new Refusal('0005', 'command not found'));
    clock.increment(1000);
    expect(await Promise.all(held.map(codeOf))).toEqual(['0005', 'lane', '0005']);
  });

  it('stop waiting at their deadlines and not before (invariant 3)', async () => {
    const { clock, queue, hold } = given();
    const held = hold(100);
    clock.increment(99);
    expect(queue.size).toBe(1);
    clock.increment(1);
    expect([await codeOf(held), queue.size]).toEqual(['0003', 0]);
  });

  it('without time to wait are answered at once, and take no place', async () => {
    const { queue, hold } = given(1);
    expect([await codeOf(hold(0)), queue.size]).toEqual(['0003', 0]);
  });

  it('with all the time there is wait as long as it takes', () => {
    const { clock, queue, hold } = given();
    void hold(Number.POSITIVE_INFINITY);
    clock.increment(Number.MAX_SAFE_INTEGER);
    expect(queue.size).toBe(1);
  });

  it('are bounded: past the bound 0009 (invariant 10)', async () => {
    const { queue, hold } = given(2);
    void hold(100);
    void hold(100);
    expect([await codeOf(hold(100)), queue.size]).toEqual(['0009', 2]);
    queue.review(() => lane);
    void hold(100);
    expect(queue.size).toBe(1);
  });

  it('leave the queue when their client hangs up, before or while they wait', async () => {
    const { queue, hold } = given();
    const client = new AbortController();
    const held = hold(100, client.signal);
    client.abort();
    expect([await codeOf(held), queue.size]).toEqual(['0003', 0]);
    expect([await codeOf(hold(100, client.signal)), queue.size]).toEqual(['0003', 0]);
  });

  it('leave no timer and no listener behind, however they were answered', async () => {
    const { clock, queue, hold } = given();
    const client = new AbortController();
    const counts = { added: 0, removed: 0, armed: 0, cleared: 0 };
    const { setTimeout: arm, clearTimeout: clear } = clock;
    clock.setTimeout = (callback, delay) => {
      counts.armed++;
      return arm.call(clock, callback, delay);
    };
    clock.clearTimeout = id => {
      counts.cleared++;
      clear.call(clock, id);
    };
    const { addEventListener: listen, removeEventListener: ignore } = client.signal;
    client.signal.addEventListener = (...args: Parameters<typeof listen>) => {
      counts.added++;
      listen.apply(client.signal, args);
    };
    client.signal.removeEventListener = (...args: Parameters<typeof ignore>) => {
      counts.removed++;
      ignore.apply(client.signal, args);
    };
    const held = [hold(100, client.signal), hold(200, client.signal)];
    clock.increment(100);
    queue.review(() => lane);
    await Promise.all(held);
    expect(counts).toEqual({ added: 2, removed: 2, armed: 2, cleared: 2 });
  });

  it('a request that is answered while the others are reviewed is not asked about', async () => {
    const { queue, hold } = given();
    const client = new AbortController();
    const first = hold(100);
    const second = hold(100, client.signal);
    queue.review(() => {
      client.abort();
      return lane;
    });
    expect(await Promise.all([first, second].map(codeOf))).toEqual(['lane', '0003']);
  });
});
