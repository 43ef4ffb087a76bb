import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaneNeed } from '../../src/actors/services.ts';
import type { Fate } from '../support/fake-backends.ts';
import { check } from '../support/invariants.ts';
import { config, placeOf, World } from '../support/world.ts';

const ID = 'alpha';
const SESSIONS = ['one', 'two', 'three', 'four'];
/** Of the world's settings: the first lane and three beside it. */
const MOST_LANES = 4;

type Step =
  | { do: 'request'; session: string; waitMs: number | null }
  | { do: 'release' | 'kill' | 'silence' | 'unsilence'; session: string }
  | { do: 'kill first' | 'restart' | 'stop' | 'start' | 'remove' | 'crash' | 'fill disk' | 'free disk' }
  | { do: 'pass'; ms: number }
  | { do: 'progress'; tasks: number };

const session = fc.constantFrom(...SESSIONS);
const one = <T extends string>(...names: T[]) => fc.record({ do: fc.constantFrom(...names) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      session,
      waitMs: fc.constantFrom(null, null, 500),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom<'release' | 'kill' | 'silence' | 'unsilence'>(
        'release',
        'kill',
        'silence',
        'unsilence',
      ),
      session,
    }),
  },
  { weight: 3, arbitrary: one('kill first', 'restart', 'stop', 'start', 'start') },
  { weight: 1, arbitrary: one('remove', 'crash', 'fill disk', 'free disk') },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 1000, 2500, 6000, 21_000),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constant('progress' as const), tasks: fc.integer({ min: 1, max: 6 }) }),
  },
);
const fates = fc.array(
  fc.constantFrom<Fate>(
    'succeeds',
    'succeeds',
    'succeeds',
    'succeeds',
    'fails',
    'spawns, then fails',
    'spawns, then hangs',
  ),
  { maxLength: 12 },
);

const order = { config: config(0), type: 'Persistent' } as const;
const needOf = (name: string): LaneNeed => ({
  kind: 'session',
  sessionId: name,
  offer: { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo: { name } },
});

/** What each step does to the world. */
async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'request':
      return world.request(ID, null, step.waitMs, needOf(step.session));
    case 'release':
      return world.registry.releaseSession(ID, step.session);
    case 'kill':
      return world.backends.kill(placeOf(ID, step.session));
    case 'silence':
      return world.backends.silence(placeOf(ID, step.session), true);
    case 'unsilence':
      return world.backends.silence(placeOf(ID, step.session), false);
    case 'kill first':
      return world.backends.kill(ID);
    case 'restart':
      return world.attempt(() => world.registry.request(ID, 'restart requested'));
    case 'stop':
      return world.attempt(() => world.registry.request(ID, 'stop requested'));
    case 'start':
      return world.attempt(() => world.registry.ensure(ID, order));
    case 'remove':
      return world.attempt(() => world.registry.remove(ID));
    case 'pass':
      return world.pass(step.ms);
    case 'progress':
      return world.progress(step.tasks);
    case 'crash':
      world.storage.diskFull = false;
      return world.live();
    default:
      world.storage.diskFull = step.do === 'fill disk';
  }
}

/** What of lanes must hold whenever nothing is happening; the world itself watches invariants 1, 2, 7 and 9 for each. */
function checkLanes({ backends, log, life }: World): string[] {
  const context = log.head(ID)?.record.to.context;
  const processes = (context?.processes ?? []) as unknown as readonly { readonly pid: number }[];
  const alive = [...backends.alive].filter(tree => tree.life === life);
  const known = new Set(processes.map(({ pid }) => pid));
  const strays = alive.filter(({ recorded, pid }) => recorded && !known.has(pid));
  return [
    ...strays.map(({ id }) => `invariant 9: a process of ${id} is in use, and on no record`),
    ...(alive.length > MOST_LANES ? [`invariant 10: ${alive.length} process trees of one service`] : []),
    ...(processes.length > MOST_LANES ? [`invariant 10: ${processes.length} processes on record`] : []),
  ];
}

describe('sessions with backends of their own, whatever happens in whatever order', () => {
  it('keep invariants 2, 3, 6, 7, 9 and 10 for every lane', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(0, 1, 8),
        fates,
        fc.array(step, { maxLength: 50, size: '+1' }),
        async (scheduler, mostAlone, plan, steps) => {
          const world = new World(scheduler, mostAlone);
          await world.live();
          for (const first of [{ do: 'start' }, { do: 'progress', tasks: 4 }] as const)
            await take(world, first);
          world.backends.fates.push(...plan);
          for (const next of steps) {
            await take(world, next);
            await world.settle();
            expect([...check(world, [ID]), ...checkLanes(world)], JSON.stringify(next)).toEqual([]);
          }
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) },
    );
  }, 300_000);
});
