import { describe, expect, it } from 'vitest';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { chartFor, chartOf } from '../../../src/drawing/chart.ts';

const whole = chartOf(serviceMachine);
const oneShot = chartFor(whole, 'OneShot');
const persistent = chartFor(whole, 'Persistent');
const names = (chart: typeof whole) => chart.states.map(({ path }) => path);

describe('the chart of the service machine', () => {
  it('invariant 4: a OneShot never cools down', () => {
    expect(names(whole)).toContain('CoolingDown');
    expect(names(oneShot)).not.toContain('CoolingDown');
  });

  it('invariant 4: a OneShot gets in line for a start only when one was asked for', () => {
    const starts = oneShot.transitions.filter(({ target }) => target === 'Pending.Queued');
    const askedFor = starts.filter(
      ({ label, guard }) => /^(re)?start requested$/.test(label) || guard === 'a start follows',
    );
    expect(starts.length).toBeGreaterThan(0);
    expect(askedFor).toEqual(starts);
  });

  it('a Persistent can get into every state', () => {
    expect(names(persistent)).toEqual(names(whole));
  });

  it('every transition happens to some type', () => {
    expect(whole.transitions.filter(({ types }) => types.length === 0)).toEqual([]);
  });

  it('nothing in it is nameless', () => {
    expect(JSON.stringify(whole)).not.toMatch(/\[(guard|action|effect)\]/);
  });

  it('every state says what it is', () => {
    expect(whole.states.filter(({ description }) => description === null)).toEqual([]);
  });
});
