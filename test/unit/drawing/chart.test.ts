import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, setup } from 'xstate';
import { chartFor, chartOf } from '../../../src/drawing/chart.ts';

interface Context {
  readonly type: string;
  readonly tries: number;
}

const machineSetup = setup({
  types: { context: {} as Context },
  guards: {
    'is OneShot': ({ context }) => context.type === 'OneShot',
    'tries used up': ({ context }) => context.tries > 3,
    'is late': ({ event }) => 'late' in event,
  },
  actions: { 'count try': () => {}, 'take note': () => {} },
  delays: { cooldown: 10 },
});

/** Comes up, and after a failure ends (OneShot) or rests before it comes up again; a detour knows no types. */
const toy = (detour: Record<string, string>) =>
  machineSetup.createMachine({
    id: 'toy',
    context: { type: 'OneShot', tries: 0 },
    initial: 'Up',
    on: { quit: '.Gone', looked: { actions: 'take note' } },
    states: {
      Up: {
        description: 'It runs.',
        tags: 'busy',
        initial: 'Fine',
        on: {
          failed: [
            { guard: 'is late' },
            { guard: 'is OneShot', target: '#toy.Gone' },
            { guard: 'tries used up', target: '#toy.Given up' },
            { target: '#toy.Resting', actions: 'count try' },
          ],
        },
        states: { Fine: { on: { doubted: 'Doubtful' } }, Doubtful: { on: detour } },
      },
      Resting: { entry: 'take note', after: { cooldown: 'Up' } },
      'Given up': { on: { quit: {} } },
      Gone: { type: 'final' },
    },
  });
const machine = toy({});

const paths = (type: 'OneShot' | 'Persistent', of: AnyStateMachine = machine) =>
  chartFor(chartOf(of), type).states.map(({ path }) => path);

describe('the chart of a machine', () => {
  it('holds every state with what is said of it, in the order of the machine', () => {
    const { name, states } = chartOf(machine);
    expect(name).toBe('toy');
    expect(states.map(({ path }) => path)).toEqual([
      'Up',
      'Up.Fine',
      'Up.Doubtful',
      'Resting',
      'Given up',
      'Gone',
    ]);
    expect(states[0]).toMatchObject({ description: 'It runs.', tags: ['busy'], initial: true, parent: null });
    expect(states[1]).toMatchObject({ name: 'Fine', parent: 'Up', initial: true, final: false });
    expect(states[3]).toMatchObject({ entry: ['take note'], initial: false });
    expect(states[5]).toMatchObject({ final: true });
  });

  it('holds every transition by names: event, guard, delay, actions', () => {
    const { transitions } = chartOf(machine);
    expect(transitions).toContainEqual(
      expect.objectContaining({ source: null, target: 'Gone', label: 'quit', guard: null }),
    );
    expect(transitions).toContainEqual(
      expect.objectContaining({ source: 'Up', target: 'Given up', label: 'failed', guard: 'tries used up' }),
    );
    expect(transitions).toContainEqual(
      expect.objectContaining({ source: 'Up', target: 'Resting', guard: null, actions: ['count try'] }),
    );
    expect(transitions).toContainEqual(
      expect.objectContaining({
        source: 'Resting',
        target: 'Up',
        event: 'xstate.after.cooldown.toy.Resting',
        label: 'after cooldown',
        delay: 'cooldown',
      }),
    );
  });

  it('when a state is added to the machine, then it is in the chart', () => {
    const more = createMachine({
      initial: 'First',
      states: { First: { always: { guard: () => true, target: 'Second' } }, Second: {} },
    });
    const { states, transitions } = chartOf(more);
    expect(states.map(({ path }) => path)).toEqual(['First', 'Second']);
    expect(transitions).toMatchObject([
      { source: 'First', target: 'Second', label: 'always', guard: '[guard]' },
    ]);
  });
});

describe('the part of a chart for one type', () => {
  it('leaves out what comes after a branch that the type always takes, and what is then out of reach', () => {
    expect(paths('OneShot')).toEqual(['Up', 'Up.Fine', 'Up.Doubtful', 'Gone']);
    expect(paths('Persistent')).toEqual(['Up', 'Up.Fine', 'Up.Doubtful', 'Resting', 'Given up', 'Gone']);
  });

  it('leaves out a branch that the type never takes', () => {
    const targets = chartFor(chartOf(machine), 'Persistent')
      .transitions.filter(({ source, label }) => source === 'Up' && label === 'failed')
      .map(({ target, guard }) => [guard, target]);
    expect(targets).toEqual([
      ['is late', null],
      ['tries used up', 'Given up'],
      [null, 'Resting'],
    ]);
  });

  it('keeps what an inner state can reach although the state around it says otherwise', () => {
    expect(paths('OneShot', toy({ failed: '#toy.Resting' }))).toContain('Resting');
  });

  it('drops a guard that always holds for the type, and keeps those that depend on more', () => {
    const failed = chartFor(chartOf(machine), 'OneShot').transitions.filter(
      ({ source, label }) => source === 'Up' && label === 'failed',
    );
    expect(failed.map(({ guard, target }) => [guard, target])).toEqual([
      ['is late', null],
      [null, 'Gone'],
    ]);
  });

  it('does not take from a state what it ignores, nor anything from the final one', () => {
    const closed = createMachine({
      initial: 'Shut',
      on: { open: '.Open' },
      states: { Shut: { on: { open: {}, end: 'Over' } }, Open: {}, Over: { type: 'final' } },
    });
    expect(paths('OneShot', closed)).toEqual(['Shut', 'Over']);
  });

  it('a guard that is broken is an error, not an answer', () => {
    const broken = setup({
      guards: {
        broken: () => {
          throw new TypeError('broken');
        },
      },
    }).createMachine({ initial: 'A', states: { A: { on: { go: { guard: 'broken', target: 'A' } } } } });
    expect(() => chartOf(broken)).toThrow(TypeError);
  });
});
