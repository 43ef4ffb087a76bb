import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { toSvg } from '../../../scripts/docs/svg.ts';
import { Marks } from '../../../scripts/docs/svg-marks.ts';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { arrowsOf } from '../../../src/drawing/arrows.ts';
import { chartFor, chartOf, SERVICE_TYPES } from '../../../src/drawing/chart.ts';
import { toMachineJson } from '../../../src/drawing/machine-json.ts';
import { toMermaid } from '../../../src/drawing/mermaid.ts';

const statesIn = (svg: string) => [...svg.matchAll(/<g [^>]*data-state="([^"]*)"/g)].map(([, path]) => path);
const arrowsIn = (svg: string) =>
  [...svg.matchAll(/<g [^>]*data-from="([^"]*)" data-to="([^"]*)" data-event="([^"]*)"/g)].map(
    ([, from, to, events]) => ({ from, to, events }),
  );

/** A lamp, with whatever else a test puts beside it. */
const lamp = (more: Record<string, object> = {}, on: Record<string, string> = {}) =>
  setup({}).createMachine({
    id: 'lamp',
    initial: 'Off',
    states: { Off: { on: { push: 'On', ...on } }, On: { on: { push: 'Off', pull: 'Off' } }, ...more },
  });

describe('the statechart as SVG', () => {
  it.each(SERVICE_TYPES)(
    'of a %s service: every state and every arrow is a group that can be lit',
    async type => {
      const chart = chartOf(serviceMachine);
      const svg = await toSvg(chart, type);
      const own = chartFor(chart, type);
      expect(statesIn(svg).sort()).toEqual(own.states.map(({ path }) => path).sort());
      const arrows = arrowsOf(own).arrows.map(({ source, target, events }) => ({
        from: source,
        to: target,
        events: events.join('|'),
      }));
      expect(arrowsIn(svg)).toHaveLength(arrows.length);
      expect(arrowsIn(svg)).toEqual(expect.arrayContaining(arrows));
    },
  );

  it('names the events of an arrow as records do, each once', async () => {
    const svg = await toSvg(chartOf(serviceMachine), 'Persistent');
    expect(arrowsIn(svg)).toContainEqual({
      from: 'CoolingDown',
      to: 'Pending.Queued',
      events: 'restart requested|after cooldown',
    });
    expect(arrowsIn(svg)).toContainEqual({
      from: 'Ready.Suspect',
      to: 'Unhealthy',
      events: 'probe failed',
    });
  });

  it('given a machine with one more state, then the state and its arrows are in every drawing', async () => {
    const without = chartOf(lamp());
    const machine = lamp({ 'Burnt "out" & cold': {} }, { 'surge <x>': 'Burnt "out" & cold' });
    const chart = chartOf(machine);
    const svg = await toSvg(chart, 'OneShot');
    expect(statesIn(await toSvg(without, 'OneShot'))).toEqual(['Off', 'On']);
    expect(statesIn(svg)).toEqual(['Off', 'On', 'Burnt &quot;out&quot; &amp; cold']);
    expect(arrowsIn(svg)).toContainEqual({
      from: 'Off',
      to: 'Burnt &quot;out&quot; &amp; cold',
      events: 'surge &lt;x>',
    });
    expect(toMermaid(chart)).toContain('Burnt_');
    expect(JSON.stringify(toMachineJson(machine))).toContain('surge <x>');
  });

  it('given a layout that left a group out, then the drawing is refused', () => {
    const marks = new Marks();
    const mark = marks.add({ 'data-state': 'Off' });
    expect(marks.applied(`<g id="node1" class="node ${mark}">`)).toBe(
      '<g id="node1" class="node" data-state="Off">',
    );
    expect(() => marks.applied('<g id="node1" class="node">')).toThrow('no group for {"data-state":"Off"}');
  });
});
