import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { chartOf } from '../../../src/drawing/chart.ts';
import { toMachineJson } from '../../../src/drawing/machine-json.ts';

/** What of a chart does not depend on the implementations behind the names. */
const named = ({ states, transitions }: ReturnType<typeof chartOf>) => ({
  states: states.map(({ types, ...state }) => state),
  transitions: transitions.map(({ types, unguardedFor, ...transition }) => transition),
});

describe('the machine as JSON', () => {
  it('given the JSON alone, then XState makes a machine with the same chart', () => {
    const json = JSON.stringify(toMachineJson(serviceMachine));
    expect(named(chartOf(createMachine(JSON.parse(json))))).toEqual(named(chartOf(serviceMachine)));
  });

  it('leaves out what has no name', () => {
    const machine = createMachine({
      id: 'm',
      context: () => ({}),
      entry: [() => {}, { type: 'named', params: { times: 2 } }],
      invoke: { src: 'watch', input: () => ({}) },
    });
    expect(toMachineJson(machine)).toEqual({
      id: 'm',
      entry: [{ type: 'named', params: { times: 2 } }],
      invoke: { src: 'watch' },
    });
  });
});
