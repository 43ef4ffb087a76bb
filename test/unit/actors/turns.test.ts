import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Turns } from '../../../src/actors/turns.ts';

const nextTurn = () => new Promise(resolve => setImmediate(resolve));

interface Named {
  readonly id: string;
  readonly number: number;
}

/** Turns whose slices are noted, each job as `id number`. @param jobMs what one job takes, on the simulated clock */
function given(jobMs = 0) {
  const clock = new SimulatedClock();
  const slices: string[][] = [];
  const turns = new Turns<Named>({
    clock,
    doTogether: jobs => {
      const slice: string[] = [];
      slices.push(slice);
      for (const { id, number } of jobs) {
        slice.push(`${id} ${number}`);
        clock.increment(jobMs);
      }
    },
  });
  const enqueue = (id: string, number = 0) => turns.enqueue({ id, number });
  return { enqueue, slices, turns };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `s${n}`);

describe('turns of the event loop', () => {
  it('given a few transactions, then there is room; given eight, then others have to wait, until the turn is over', async () => {
    const { turns } = given();
    for (let made = 0; made < 7; made++) turns.spent(0);
    expect(turns.areMany).toBe(false);
    turns.spent(0);
    expect(turns.areMany).toBe(true);
    await nextTurn();
    expect(turns.areMany).toBe(false);
  });

  it('given one that took long, then others have to wait', () => {
    const { turns } = given();
    turns.spent(10);
    expect(turns.areMany).toBe(true);
  });

  it('given jobs, then they are done together when the turn is over, and what comes meanwhile has to wait behind them', async () => {
    const { enqueue, slices, turns } = given();
    for (const id of ids(3)) enqueue(id);
    expect([turns.areMany, turns.waiting, slices]).toEqual([true, 3, []]);
    await nextTurn();
    expect([turns.waiting, slices]).toEqual([0, [['s0 0', 's1 0', 's2 0']]]);
  });

  it('given a shared transaction, then what follows from it in the same turn has to wait', async () => {
    const { enqueue, turns } = given();
    enqueue('a');
    await nextTurn();
    expect(turns.areMany).toBe(true);
    await nextTurn();
    expect(turns.areMany).toBe(false);
  });

  it('given several of one service, then they go one by one, in order, and nobody waits longer for it', async () => {
    const { enqueue, slices } = given();
    for (const number of [1, 2, 3]) enqueue('a', number);
    enqueue('b');
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    expect(slices).toEqual([['a 1', 'b 0'], ['a 2'], ['a 3']]);
  });

  it('given more than one turn bears, by number or by time, then they take several', async () => {
    const many = given();
    for (const id of ids(150)) many.enqueue(id);
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    expect(many.slices.map(({ length }) => length)).toEqual([64, 64, 22]);

    const slow = given(3);
    for (const id of ids(5)) slow.enqueue(id);
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    expect(slow.slices.map(({ length }) => length)).toEqual([2, 2, 1]);
  });
});
