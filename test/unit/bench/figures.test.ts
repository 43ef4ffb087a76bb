import { describe, expect, it } from 'vitest';
import { GOALS, isWithin } from '../../../bench/floors.ts';
import { Figures } from '../../../bench/report/figures.ts';

function measured(ours: number, bare: number): Figures {
  const figures = new Figures();
  for (const [target, gatewayUs] of [['Evergate', ours] as const, ['bare Fastify', bare] as const])
    figures.add('echo-64', target, { gatewayUs, callsPerSecond: 1000 / gatewayUs });
  return figures;
}

describe('figures of the benchmark', () => {
  it('given several measurements of one figure / when it is asked for / then it is their median', () => {
    const figures = new Figures();
    for (const p50Us of [9, 1, 2]) figures.add('echo-1', 'Evergate', { p50Us });
    expect(figures.get('echo-1', 'Evergate', 'p50Us')).toBe(2);
    expect(figures.get('echo-1', 'bare Fastify', 'p50Us')).toBeNull();
  });

  it('given the results of an earlier run / when this one is completed / then only what it did not measure is theirs', () => {
    const figures = measured(50, 40);
    figures.complete({ 'echo-64': { Evergate: { gatewayUs: 1 } }, boot: { Evergate: { bootMs: 2 } } });
    expect(figures.get('echo-64', 'Evergate', 'gatewayUs')).toBe(50);
    expect(figures.get('boot', 'Evergate', 'bootMs')).toBe(2);
    const copy = new Figures();
    copy.complete(JSON.parse(JSON.stringify(figures)));
    expect(copy.toJSON()).toEqual(figures.toJSON());
  });

  it('given a gateway that takes twice the CPU of bare Fastify / when goals are looked at / then those of both directions fail', () => {
    const figures = measured(80, 40);
    const failed = GOALS.flatMap(goal => {
      const value = goal.measure(figures);
      return value === null || isWithin(goal, value, goal.floor) ? [] : [goal.is];
    });
    expect(failed).toEqual(['at least', 'at most']);
    const good = measured(44, 40);
    expect(GOALS.every(goal => isWithin(goal, goal.measure(good) ?? goal.goal, goal.goal))).toBe(true);
  });

  it('given all goals / when they are read / then each floor is no stricter than its goal', () => {
    for (const goal of GOALS) expect(isWithin(goal, goal.goal, goal.floor), goal.what).toBe(true);
  });
});
