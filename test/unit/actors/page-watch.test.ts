import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { PageWatch } from '../../../src/actors/page-watch.ts';

type Check = () => Generator<number, number | undefined>;

/** A watch over checks, one after the other, and what it told. */
function rig(...checks: readonly Check[]) {
  const clock = new SimulatedClock();
  const told: unknown[] = [];
  let begun = 0;
  const watch = new PageWatch({
    check: () => checks[begun++]?.() ?? sound(),
    clock,
    pauseMs: 10,
    onSound: () => told.push('sound'),
    onDamage: error => told.push(error),
  });
  const pass = (times: number) => {
    for (let i = 0; i < times; i++) clock.increment(10);
  };
  return { watch, told, pass, begun: () => begun };
}

function* sound() {
  yield 100;
  yield 200;
  return 250;
}

describe('the look at all pages', () => {
  it('goes on a slice at a time, and says at the end that they are sound', () => {
    const { watch, told, pass } = rig(sound);
    watch.start();
    pass(2);
    expect(told).toEqual([]);
    pass(1);
    expect(told).toEqual(['sound']);
    pass(10);
    expect(told).toEqual(['sound']);
  });

  it('given damage, then it says so and looks no further', () => {
    const damage = new Error('page 7 is damaged');
    const { watch, told, pass } = rig(function* () {
      yield 5;
      throw damage;
    });
    watch.start();
    pass(10);
    expect(told).toEqual([damage]);
  });

  it('given that the file was opened afresh meanwhile, then it begins anew', () => {
    const { watch, told, pass, begun } = rig(function* () {
      yield 5;
      return undefined;
    }, sound);
    watch.start();
    pass(5);
    expect([told, begun()]).toEqual([['sound'], 2]);
  });

  it('given it is stopped, then it lets go of what it holds and says nothing', () => {
    let released = false;
    const { watch, told, pass } = rig(function* () {
      try {
        for (;;) yield 1;
      } finally {
        released = true;
      }
    });
    watch.start();
    pass(3);
    watch.stop();
    pass(10);
    expect([told, released]).toEqual([[], true]);
  });
});
