import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Pulse, type Pulsed } from '../../../src/http/fronts/pulse.ts';

class Member implements Pulsed {
  beatPlace: Pulsed['beatPlace'] = null;
  dueAt = 0;
  beats = 0;
  readonly #last: number;

  constructor(last = Number.POSITIVE_INFINITY) {
    this.#last = last;
  }

  beat(): boolean {
    this.beats++;
    return this.beats < this.#last;
  }
}

describe('the pulse', () => {
  test('beats once per period, as long as the member wants', () => {
    const clock = new SimulatedClock();
    const pulse = new Pulse(clock, 1_000);
    const member = new Member(2);
    pulse.add(member);
    clock.increment(999);
    expect(member.beats).toBe(0);
    clock.increment(250);
    expect(member.beats).toBe(1);
    for (let period = 0; period < 10; period++) clock.increment(1_000);
    expect(member.beats).toBe(2);
    expect(pulse.size).toBe(0);
  });

  test('a member that came later is due later', () => {
    const clock = new SimulatedClock();
    const pulse = new Pulse(clock, 1_000);
    const [early, late] = [new Member(), new Member()];
    pulse.add(early);
    clock.increment(500);
    pulse.add(late);
    clock.increment(500);
    expect([early.beats, late.beats]).toEqual([1, 0]);
    clock.increment(500);
    expect([early.beats, late.beats]).toEqual([1, 1]);
  });

  test('a member that was removed hears nothing, and an empty pulse has no timer', () => {
    let timers = 0;
    const clock = new SimulatedClock();
    const counting = {
      now: () => clock.now(),
      setTimeout: (run: () => void, delayMs: number) => {
        timers++;
        return clock.setTimeout(run, delayMs);
      },
      clearTimeout: () => undefined,
    };
    const pulse = new Pulse(counting, 1_000);
    const member = new Member();
    for (let request = 0; request < 100; request++) {
      pulse.add(member);
      pulse.remove(member);
    }
    expect(timers).toBe(1);
    clock.increment(5_000);
    clock.increment(5_000);
    expect([member.beats, timers]).toEqual([0, 1]);
  });

  test('stop forgets all', () => {
    const clock = new SimulatedClock();
    const pulse = new Pulse(clock, 1_000);
    const member = new Member();
    pulse.add(member);
    pulse.stop();
    clock.increment(5_000);
    expect(member.beats).toBe(0);
  });
});
