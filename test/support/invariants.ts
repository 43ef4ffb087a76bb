/** The invariants of statechart.md as checks over a world of the property tests. */

import type { Transition } from '../../src/actors/journal.ts';
import { statePath } from '../../src/actors/journal.ts';
import { backoffMs } from '../../src/actors/machine/backoff.ts';
import type { ServiceContext } from '../../src/actors/machine/model.ts';
import { verify } from '../../src/actors/replay.ts';
import { toolsOf } from './fake-backends.ts';
import { PERMITS, PROBE_TIMEOUT_MS, type World } from './world.ts';

/** What must hold whenever nothing is happening. */
export function check(world: World, ids: readonly string[]): string[] {
  return [
    ...world.violations,
    ...boundedStarts(world),
    ...oneOutcome(world),
    ...nobodyForgotten(world, ids),
    ...ids.flatMap(id => replays(world, id)),
    ...world.transitions.flatMap(startedByRight),
    ...world.transitions.flatMap(waitedItsTime),
    ...world.transitions.flatMap(owesWithinBounds),
    ...world.transitions.flatMap(losesWhatIsMissing),
    ...world.transitions.flatMap(neverCoolsDownOneShot),
  ];
}

/** What must hold after everybody was given all the time in the world and every start succeeds. */
export function checkAtRest(world: World, ids: readonly string[]): string[] {
  return ids.flatMap(id => {
    const status = world.registry.status(id);
    if (status === undefined || status.type === 'OneShot') return [];
    const fine =
      status.state.startsWith('Ready') ||
      status.state.startsWith('Ended') ||
      status.state === 'Pending.Asleep';
    return fine ? knowsItsTools(world, id) : [`invariant 4: Persistent ${id} is left in ${status.state}`];
  });
}

/** A backend that runs was asked for its tools, and what it said is on record. */
function knowsItsTools({ registry }: World, id: string): string[] {
  const state = registry.live.find(id)?.state;
  if (state === undefined || !statePath(state).startsWith('Ready')) return [];
  const { generation, tools } = state.context;
  const names = registry.tools(id)?.tools.map(({ name }) => name);
  const known =
    tools?.generation === generation && JSON.stringify(names) === JSON.stringify(toolsOf(generation));
  return known ? [] : [`the tools of ${id} are not on record: ${JSON.stringify(tools)}, ${names?.join()}`];
}

function boundedStarts({ backends, gate }: World): string[] {
  const starting = backends.starting;
  const over = starting > PERMITS || gate.inUse > PERMITS;
  return over ? [`more starts than permits: ${starting} under way, ${gate.inUse} granted`] : [];
}

function oneOutcome({ outcomes, clock, life }: World): string[] {
  return outcomes.flatMap(outcome => {
    if (outcome.settled > 1)
      return [`invariant 3: a request to ${outcome.id} got ${outcome.settled} outcomes`];
    // Whoever is let through to a backend that was silent meanwhile waits for its probe, which begins when the log is written.
    const deadline = Math.max(outcome.deadline, clock.stalledUntil + PROBE_TIMEOUT_MS);
    const hangs = outcome.settled === 0 && outcome.life === life && deadline < clock.now();
    return hangs ? [`invariant 3: a request to ${outcome.id} hangs past its deadline`] : [];
  });
}

/** A state that forwards or refuses leaves nobody waiting. */
function nobodyForgotten({ registry }: World, ids: readonly string[]): string[] {
  return ids.flatMap(id => {
    const handle = registry.live.find(id);
    if (handle === undefined || handle.door.held === 0) return [];
    const path = statePath(handle.state);
    const waits = /^(Pending|Unhealthy|CoolingDown)/.test(path);
    return waits ? [] : [`invariant 3: ${handle.door.held} requests still wait while ${id} is ${path}`];
  });
}

function replays({ log, registry }: World, id: string): string[] {
  const divergence = verify(log.read(id));
  if (divergence !== null) return [`invariant 6: ${divergence.reason}`];
  const live = registry.live.find(id);
  const head = log.head(id);
  if (live === undefined || head === undefined) return [];
  const same = statePath(live.state) === statePath({ value: head.record.to.value as never } as never);
  return same ? [] : [`invariant 6: ${id} lives in ${statePath(live.state)}, its head says otherwise`];
}

const into = (transition: Transition) => statePath(transition.to);
const outOf = (transition: Transition) => statePath(transition.from);

function startedByRight(transition: Transition): string[] {
  const context = transition.to.context as ServiceContext;
  if (into(transition) !== 'Pending.Queued' || outOf(transition) === 'Pending.Queued') return [];
  const asked = ['start requested', 'restart requested'].includes(transition.event.type);
  const askedBefore = transition.from.context.afterTeardown === 'start';
  const byRight = context.type === 'Persistent' || asked || askedBefore;
  return byRight ? [] : [`invariant 4: OneShot ${transition.id} restarted by ${transition.event.type}`];
}

function waitedItsTime(transition: Transition): string[] {
  const { dueAt } = transition.from.context;
  const restarts = outOf(transition) === 'CoolingDown' && into(transition) === 'Pending.Queued';
  if (!restarts || transition.event.type === 'restart requested') return [];
  const early = dueAt === null || transition.event.at < dueAt;
  return early ? [`invariant 5: ${transition.id} restarted at ${transition.event.at}, due at ${dueAt}`] : [];
}

/** Tools are lost that an earlier start offered and the present one does not. */
function losesWhatIsMissing({ id, event, to }: Transition): string[] {
  const { generation, lostTools } = to.context;
  if (event.type !== 'tools listed') return [];
  const offered = toolsOf(generation);
  const earlier = Array.from({ length: generation }, (_, n) => toolsOf(n)).flat();
  const wrong = lostTools.filter(name => offered.includes(name) || !earlier.includes(name));
  return wrong.length === 0 ? [] : [`${id} has not lost ${wrong.join()} with start ${generation}`];
}

/** A cooldown is at least what the failures ask for, and longer by less than the jitter. */
function owesWithinBounds({ id, from, to, event }: Transition): string[] {
  const { dueAt, failures, policy } = to.context;
  if (dueAt === null || dueAt === from.context.dueAt) return [];
  const waitMs = dueAt - event.at;
  const [shortestMs, longestMs] = [0, 1].map(chance => backoffMs(policy, failures, chance));
  const within =
    shortestMs !== undefined && longestMs !== undefined && waitMs >= shortestMs && waitMs < longestMs;
  return within ? [] : [`invariant 5: ${id} waits ${waitMs} ms after ${failures} failures`];
}

const neverCoolsDownOneShot = (transition: Transition): string[] =>
  into(transition) === 'CoolingDown' && transition.to.context.type === 'OneShot'
    ? [`OneShot ${transition.id} is cooling down`]
    : [];
