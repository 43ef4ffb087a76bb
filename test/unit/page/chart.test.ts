import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { arrowsOf } from '../../../src/drawing/arrows.ts';
import { chartFor, chartOf } from '../../../src/drawing/chart.ts';
import { toMachineJson } from '../../../src/drawing/machine-json.ts';
import type { ChartArrow, ChartNode, MachineState } from '../../../src/page/api/shapes.ts';
import { Chart } from '../../../src/page/model/chart.ts';

function pageChart(
  machine: Parameters<typeof chartOf>[0],
  type: 'OneShot' | 'Persistent' = 'Persistent',
): Chart {
  const chart = chartFor(chartOf(machine), type);
  const arrows: ChartArrow[] = arrowsOf(chart).arrows.map(({ source, target, events }) => ({
    from: source,
    to: target,
    events,
  }));
  const nodes: ChartNode[] = [...chart.states];
  return new Chart({ type, machine: toMachineJson(machine) as MachineState, nodes, arrows });
}

const invented = setup({ actions: { bark: () => {} } }).createMachine({
  id: 'invented',
  initial: 'Dozing',
  on: { 'told to go': { target: '.Gone' } },
  states: {
    Dozing: { tags: 'at rest', on: { knock: 'Awake', 'told to go': {} } },
    Awake: {
      initial: 'Calm',
      on: { yawn: 'Dozing' },
      states: { Calm: { on: { noise: 'Alert' } }, Alert: { on: { noise: { actions: 'bark' } } } },
    },
    Gone: { type: 'final' },
  },
});

describe('what the page knows of states', () => {
  test('given a machine with states nobody has heard of, then each has a colour, a filter and a place', () => {
    const chart = pageChart(invented);
    expect(chart.outermost).toEqual(['Dozing', 'Awake']);
    expect(['Dozing', 'Awake.Calm', 'Awake.Alert', 'Gone'].map(path => chart.hue(path))).toEqual([
      0, 1, 1, 2,
    ]);
    expect(['Awake.Calm', 'Awake.Alert', 'Dozing'].map(path => chart.rank(path))).toEqual([0, 1, 0]);
    expect([chart.isAtRest('Dozing'), chart.isAtRest('Awake.Calm')]).toEqual([true, false]);
    expect([chart.isFinal('Gone'), chart.isFinal('Awake')]).toEqual([true, false]);
  });

  test('given an event, then it is offered only where it changes something', () => {
    const chart = pageChart(invented);
    expect(chart.accepts('Dozing', 'knock')).toBe(true);
    expect(chart.accepts('Awake.Calm', 'knock')).toBe(false);
    expect(chart.accepts('Awake.Alert', 'yawn')).toBe(true);
    expect(chart.accepts('Awake.Alert', 'noise')).toBe(true);
    expect(chart.accepts('Awake.Calm', 'told to go')).toBe(true);
    expect(chart.accepts('Dozing', 'told to go')).toBe(false);
  });

  test('given a transition, then the arrow is found that was taken, also when it begins or ends at a state around', () => {
    const chart = pageChart(invented);
    expect(chart.arrow('Awake.Calm', 'Awake.Alert', 'noise')).toMatchObject({ from: 'Awake.Calm' });
    expect(chart.arrow('Awake.Alert', 'Dozing', 'yawn')).toMatchObject({ from: 'Awake', to: 'Dozing' });
    expect(chart.arrow('Dozing', 'Awake.Calm', 'knock')).toMatchObject({ to: 'Awake' });
    expect(chart.arrow('Dozing', 'Awake.Calm', 'yawn')).toBeNull();
  });

  test('given the machine of services, then stopping is offered while it runs and starting while it does not', () => {
    const chart = pageChart(serviceMachine);
    expect(chart.accepts('Ready.Healthy', 'stop requested')).toBe(true);
    expect(chart.accepts('Ready.Healthy', 'start requested')).toBe(false);
    expect(chart.accepts('Ended.Completed', 'start requested')).toBe(true);
    expect(chart.accepts('Ended.Completed', 'stop requested')).toBe(false);
    expect(chart.accepts('CoolingDown', 'restart requested')).toBe(true);
  });

  test('given both types, then a state has the same colour in both', () => {
    const [oneShot, persistent] = [pageChart(serviceMachine, 'OneShot'), pageChart(serviceMachine)];
    for (const path of oneShot.outermost) expect(oneShot.hue(path)).toBe(persistent.hue(path));
    expect(oneShot.outermost.length).toBeLessThan(persistent.outermost.length);
  });
});
