import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceType } from '../../src/actors/services.ts';
import type { Fate } from '../support/fake-backends.ts';
import type { AppendFate } from '../support/faulty-log.ts';
import { check, checkAtRest } from '../support/invariants.ts';
import { config, World } from '../support/world.ts';

const IDS = ['alpha', '__proto__'];

type Step =
  | {
      do: 'request' | 'order' | 'ensure' | 'remove' | 'restart' | 'stop';
      id: string;
      type: ServiceType;
      number: number;
      waitMs: number | null;
    }
  | { do: 'kill' | 'silence' | 'unsilence'; id: string }
  | { do: 'hang up'; which: number }
  | { do: 'pass'; ms: number }
  | { do: 'progress'; tasks: number }
  | { do: 'crash'; warmup: 'gated' | 'lazy' }
  | { do: 'fill disk' | 'free disk' | 'blind disk' | 'mend disk' };

const id = fc.constantFrom(...IDS);
const type = fc.constantFrom<ServiceType>('OneShot', 'Persistent');
const waitMs = fc.constantFrom(null, null, 0, 500, 30_000);
const about = <T extends string>(...names: T[]) =>
  fc.record({ do: fc.constantFrom(...names), id, type, number: fc.nat(2), waitMs });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: about('request', 'order') },
  { weight: 3, arbitrary: about('ensure') },
  { weight: 1, arbitrary: about('remove') },
  { weight: 3, arbitrary: about('restart', 'stop') },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('kill' as const, 'silence' as const, 'unsilence' as const),
      id,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hang up' as const), which: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 100, 999, 1000, 2500, 6000, 31_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('progress' as const), tasks: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      warmup: fc.constantFrom('gated' as const, 'lazy' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom<'fill disk' | 'free disk' | 'blind disk' | 'mend disk'>(
        'fill disk',
        'free disk',
        'blind disk',
        'mend disk',
        'mend disk',
      ),
    }),
  },
);
/** What becomes of the appends, one after the other; most of them work. */
const appends = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<AppendFate>('works') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<AppendFate>(
        'fails',
        'slow',
        'slow, then fails',
        'stops before',
        'stops after',
      ),
    },
  ),
  { maxLength: 40 },
);
const fates = fc.array(
  fc.constantFrom<Fate>(
    'succeeds',
    'succeeds',
    'succeeds',
    'fails',
    'hangs',
    'spawns, then fails',
    'spawns, then hangs',
  ),
  { maxLength: 12 },
);

/** Most worlds begin with backends that run, so that what happens to them is seen often. */
const opening: fc.Arbitrary<Step[]> = fc
  .constantFrom<ServiceType[]>([], ['Persistent'], ['OneShot'], ['Persistent', 'OneShot'])
  .map(types =>
    types.flatMap((serviceType, n): Step[] => [
      { do: 'ensure', id: IDS[n] ?? 'alpha', type: serviceType, number: 0, waitMs: null },
      { do: 'progress', tasks: 4 },
    ]),
  );

/** What each step does to the world. */
async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'request':
      return world.request(step.id, null, step.waitMs);
    case 'order':
      return world.request(step.id, { config: config(step.number), type: step.type }, step.waitMs);
    case 'ensure':
      return world.attempt(
        () => world.registry.ensure(step.id, { config: config(step.number), type: step.type }),
        () => world.log.head(step.id) !== undefined,
      );
    case 'remove':
      return world.attempt(
        () => world.registry.remove(step.id),
        () => world.log.head(step.id) === undefined,
      );
    case 'restart':
      return world.attempt(() => world.registry.request(step.id, 'restart requested'));
    case 'stop':
      return world.attempt(() => world.registry.request(step.id, 'stop requested'));
    case 'kill':
      return world.backends.kill(step.id);
    case 'silence':
      return world.backends.silence(step.id, true);
    case 'unsilence':
      return world.backends.silence(step.id, false);
    case 'hang up':
      return world.hangUp(step.which);
    case 'pass':
      return world.pass(step.ms);
    case 'progress':
      return world.progress(step.tasks);
    case 'crash':
      world.storage.diskFull = false;
      return world.live(step.warmup);
    case 'fill disk':
    case 'free disk':
      world.storage.diskFull = step.do === 'fill disk';
      return;
    case 'blind disk':
    case 'mend disk':
      world.storage.unreadable = step.do === 'blind disk';
  }
}

/** Everybody gets all the time there is, and every start succeeds. */
async function bringToRest(world: World): Promise<void> {
  world.storage.mend();
  world.backends.fates.length = 0;
  for (const name of IDS) world.backends.silence(name, false);
  for (let round = 0; round < 12; round++) {
    await world.pass(9000);
    await world.progress(Number.POSITIVE_INFINITY);
  }
  // What came up last is asked for its tools.
  await world.pass(500);
  await world.progress(Number.POSITIVE_INFINITY);
}

describe('the registry over a log, whatever happens in whatever order', () => {
  it('keeps invariants 1 to 7 and 10, over crashes, full, slow and broken disks and backends that misbehave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(0, 1, 8),
        fates,
        appends,
        opening,
        fc.array(step, { maxLength: 50, size: '+1' }),
        async (scheduler, mostAlone, plan, storage, first, steps) => {
          const world = new World(scheduler, mostAlone);
          world.backends.fates.push(...plan);
          await world.live();
          world.storage.appends.push(...storage);
          for (const next of [...first, ...steps]) {
            await take(world, next);
            await world.settle();
            while (world.isDown) {
              await world.live();
              await world.settle();
            }
            expect(check(world, IDS), JSON.stringify(next)).toEqual([]);
          }
          await bringToRest(world);
          expect([...check(world, IDS), ...checkAtRest(world, IDS)]).toEqual([]);
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 1000) },
    );
  }, 300_000);
});
