import { beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSnapshot } from '../../../src/actors/replay.ts';
import type { ServiceType } from '../../../src/actors/services.ts';
import * as given from '../../support/machine-fixtures.ts';
import { at, type Happening, take } from '../../support/machine-fixtures.ts';

const { start, permitted, succeeded, failed, spawned, lost, finished, silent, answered, idle } = given;
const { restart, stop, remove, gated, lazy, diverged, configured } = given;

const TOLD = [start, restart, stop, remove, gated, lazy, diverged];
const REPORTED = [permitted, spawned, succeeded, failed, answered, silent, lost, idle, finished];
const ORDERS = [configured('OneShot'), configured('Persistent')];
/** Longer than any cooldown. */
const LONG_MS = 10_000;

interface Step {
  readonly from: ServiceSnapshot;
  readonly event: Happening;
  readonly to: ServiceSnapshot;
}

/** Far more states than there are: exploring that does not end is told, not waited for. */
const MOST_STATES = 5000;

/** What tells states apart: times, counts and generations only by what can follow from them. */
function identity({ value, context }: ServiceSnapshot): string {
  const { type, nextType, afterTeardown, failures, misses, policy, dueAt, since } = context;
  const owned = context.processes.map(process => Math.min(1, context.generation - process.generation));
  const owed = dueAt !== null && dueAt > since;
  const counts = [Math.min(failures, policy.maxStartFailures), misses, Math.min(context.generation, 2)];
  return JSON.stringify([value, type, nextType, afterTeardown, counts, owned, owed]);
}

function eventsIn(state: ServiceSnapshot): Happening[] {
  const { since, generation } = state.context;
  const prompt = [...TOLD, ...REPORTED, ...ORDERS];
  const late = [lost, finished, gated, failed].map(event => ({ ...event, at: since + LONG_MS }) as Happening);
  const stale = generation > 1 ? REPORTED.map(event => ({ ...event, generation: 1 }) as Happening) : [];
  const timers = state._nodes.some(node => node.after.length > 0)
    ? [given.timer(state, Math.max(since, state.context.dueAt ?? since))]
    : [];
  return [...prompt, ...late, ...stale, ...timers];
}

/** Every step from every state that can be reached. A process is spawned once per start, as it is in life. */
function explore(type: ServiceType): Step[] {
  const steps: Step[] = [];
  const first = given.registered(type, { maxStartFailures: 2 });
  const seen = new Set([identity(first)]);
  const open = [first];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const event of eventsIn(from)) {
      const running = from.context.processes.length;
      if (event.type === 'spawned' && running > 0) continue;
      const to = take(from, event);
      steps.push({ from, event, to });
      if (seen.has(identity(to))) continue;
      seen.add(identity(to));
      if (seen.size > MOST_STATES) throw new Error('the statechart has more states than it can have');
      open.push(to);
    }
  }
  return steps;
}

const asked = (event: Happening) => event.type === 'start requested' || event.type === 'restart requested';
const restful = (state: ServiceSnapshot) => /^(Ended|Pending\.Asleep|Removed)/.test(at(state));
const brief = ({ from, event, to }: Step) => `${at(from)} --${event.type}--> ${at(to)}`;

describe.each(['OneShot', 'Persistent'] as const)('from every reachable state of a %s service', type => {
  let steps: Step[] = [];

  beforeAll(() => {
    steps = explore(type);
  });

  const offenders = (offends: (step: Step) => boolean) => steps.filter(offends).map(brief);

  it('all states are reached', () => {
    const reached = new Set(steps.map(({ to }) => at(to)));
    expect([...reached].sort()).toEqual([
      'CoolingDown',
      'Ended.Completed',
      'Ended.Failed',
      'Pending.Asleep',
      'Pending.Queued',
      'Pending.Starting',
      'Ready.Healthy',
      'Ready.Suspect',
      'Removed',
      'Unhealthy',
    ]);
  });

  it('a OneShot never cools down', () => {
    expect(offenders(({ to }) => at(to) === 'CoolingDown' && to.context.type === 'OneShot')).toEqual([]);
  });

  it('a OneShot is started by nobody but who asked for it (invariant 4)', () => {
    const begins = ({ from, to }: Step) => at(to) === 'Pending.Queued' && at(from) !== 'Pending.Queued';
    const ordered = ({ from, event }: Step) => asked(event) || from.context.afterTeardown === 'start';
    expect(offenders(s => s.to.context.type === 'OneShot' && begins(s) && !ordered(s))).toEqual([]);
  });

  it('a Persistent has a backend, a start under way or a due time unless it is at rest (invariant 4)', () => {
    const effects: Record<string, string> = {
      'Pending.Queued': 'permit',
      'Pending.Starting': 'start',
      'Ready.Healthy': 'watch',
      'Ready.Suspect': 'watch',
      Unhealthy: 'teardown',
    };
    const cared = ({ to }: Step) => {
      const effect = effects[at(to)];
      if (effect !== undefined) return to.children[effect as keyof typeof to.children] !== undefined;
      return restful(to) || (to.context.dueAt !== null && to._nodes.some(node => node.after.length > 0));
    };
    expect(offenders(s => !cared(s))).toEqual([]);
  });

  it('no restart happens before it is due, unless it was asked for (invariant 5)', () => {
    const early = ({ from, event, to }: Step) =>
      at(from) === 'CoolingDown' &&
      at(to) === 'Pending.Queued' &&
      (event.at ?? from.context.since) < (from.context.dueAt ?? 0);
    expect(offenders(s => early(s) && !asked(s.event))).toEqual([]);
  });

  it('nothing is ended, slept or removed over processes that nobody tears down (invariant 2)', () => {
    const leaves = ({ from, to }: Step) =>
      at(to) === 'Removed' && from.context.processes.length > 0 && at(from) !== 'Unhealthy';
    const forgets = ({ from, to }: Step) => to.context.processes.length < from.context.processes.length;
    const gone = /^(teardown finished|start failed|gateway restarted)$/;
    expect(offenders(leaves)).toEqual([]);
    expect(offenders(s => forgets(s) && !gone.test(s.event.type))).toEqual([]);
  });

  it('a removal is never lost', () => {
    const doomed = ({ from, event }: Step) =>
      event.type === 'removal requested' ||
      (at(from) === 'Unhealthy' && from.context.afterTeardown === 'remove');
    const kept = ({ to }: Step) =>
      at(to) === 'Removed' || (at(to) === 'Unhealthy' && to.context.afterTeardown === 'remove');
    const overturned = ({ event }: Step) => event.type === 'divergence found';
    expect(offenders(s => doomed(s) && !kept(s) && !overturned(s))).toEqual([]);
  });

  it('late news of an earlier start moves nothing', () => {
    const stale = ({ from, event }: Step) =>
      event.generation !== undefined &&
      event.generation < from.context.generation &&
      event.type !== 'start permitted';
    expect(offenders(s => stale(s) && at(s.from) !== at(s.to))).toEqual([]);
  });

  it('the number of starts only grows, by one, when a start begins', () => {
    const grew = ({ from, to }: Step) => to.context.generation - from.context.generation;
    const begins = ({ from, to }: Step) =>
      Number(at(to) === 'Pending.Starting' && at(from) !== 'Pending.Starting');
    expect(offenders(s => grew(s) !== begins(s))).toEqual([]);
  });
});
