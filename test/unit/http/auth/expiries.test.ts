import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Expiries } from '../../../../src/http/auth/expiries.ts';

/** A clock that counts its timers. */
class CountingClock extends SimulatedClock {
  timers = 0;
  override setTimeout(callback: () => void, ms: number) {
    this.timers++;
    return super.setTimeout(callback, ms);
  }
  override clearTimeout(id: number) {
    if (id !== null) this.timers--;
    super.clearTimeout(id);
  }
}

function given() {
  const clock = new CountingClock();
  const expiries = new Expiries(clock);
  const ended: string[] = [];
  const add = (name: string, at: number) => expiries.add(at, () => ended.push(name));
  return { clock, expiries, ended, add };
}

describe('what ends with its token', () => {
  it('given many ends in any order, then each is told once, in its time, by one timer', () => {
    const { clock, ended, add } = given();
    for (const at of [300, 100, 100, 200]) add(`at ${at}`, at);
    expect(clock.timers).toBe(1);
    clock.increment(99);
    expect(ended).toEqual([]);
    clock.increment(1);
    expect(ended).toEqual(['at 100', 'at 100']);
    clock.increment(1_000);
    expect(ended).toEqual(['at 100', 'at 100', 'at 200', 'at 300']);
  });

  it('given what is over before, then it is forgotten, and with the last so is the timer (invariant 10)', () => {
    const { clock, expiries, ended, add } = given();
    const forget = [add('a', 100), add('b', 100), add('c', 50)];
    for (const each of [...forget, ...forget]) each();
    expect(expiries.size).toBe(0);
    expect(clock.timers).toBe(0);
    clock.increment(1_000);
    expect(ended).toEqual([]);
    add('d', 1_100);
    clock.increment(100);
    expect(ended).toEqual(['d']);
  });

  it('given an end that is past, then it is told at once, but not within the call', () => {
    const { clock, ended, add } = given();
    clock.increment(500);
    add('late', 100);
    expect(ended).toEqual([]);
    clock.increment(0);
    expect(ended).toEqual(['late']);
  });

  it('given an end that adds or forgets others, then all that are due are told', () => {
    const { clock, expiries, ended, add } = given();
    expiries.add(100, () => {
      ended.push('first');
      add('next', 200);
    });
    add('second', 100);
    clock.increment(100);
    clock.increment(100);
    expect(ended).toEqual(['first', 'second', 'next']);
  });
});
