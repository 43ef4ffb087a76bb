/** Where and when lives are to end, as a sequence that a seed decides. */
import fc from 'fast-check';
import { BOOT_POINTS, POINTS, STOP_POINTS } from './inject/points.ts';

export interface Order {
  /** The point it ends at; null: any moment. */
  readonly point: string | null;
  /** Which passing of the point. */
  readonly passing: number;
  /** Passings, or time, count from the first work on; else from the start of the process, so that recovery is hit, too. */
  readonly later: boolean;
  /** For a moment: ms after that. For a point of the shutdown: ms until it is asked to stop. */
  readonly afterMs: number;
}

/** Of so many orders one is for any moment. */
const MOMENT_EVERY = 5;
const ONCE_A_LIFE: ReadonlySet<string> = new Set([
  ...BOOT_POINTS,
  ...STOP_POINTS,
  ...POINTS.filter(point => /^(prune|policy changed|gateway restarted|signal):/.test(point)),
]);
/** These happen while it boots, or at once after it, and hardly later. */
const EARLY = /^(boot|prune|policy changed|gateway restarted):/;

const chance = fc.record({
  passing: fc.constantFrom(1, 1, 1, 2, 3),
  early: fc.constantFrom(true, false, false, false),
  bootMs: fc.nat(1000),
  workMs: fc.nat(1500),
});
type Chance = typeof chance extends fc.Arbitrary<infer T> ? T : never;

/** As many orders as are asked for. Every point comes up before any comes up again. @param moments with moments in between */
export function ordersOf(seed: number, count: number, moments = true): Order[] {
  const arbitrary = fc.tuple(
    fc.array(chance, { minLength: count, maxLength: count }),
    fc.array(fc.shuffledSubarray([...POINTS], { minLength: POINTS.length }), {
      minLength: Math.ceil(count / POINTS.length),
      maxLength: Math.ceil(count / POINTS.length),
    }),
  );
  const [[chances, rounds] = [[], []]] = fc.sample(arbitrary, { seed, numRuns: 1 });
  const points = rounds.flat();
  return chances.map((given, n) => {
    const isMoment = moments && n % MOMENT_EVERY === MOMENT_EVERY - 1;
    return isMoment ? momentOf(given) : orderOf(points.shift() ?? 'spawn: after', given);
  });
}

function momentOf({ early, bootMs, workMs }: Chance): Order {
  return { point: null, passing: 1, later: !early, afterMs: early ? bootMs : workMs };
}

function orderOf(point: string, { passing, early, workMs }: Chance): Order {
  const later = !(EARLY.test(point) || (early && !point.startsWith('stop:')));
  return { point, passing: ONCE_A_LIFE.has(point) ? 1 : passing, later, afterMs: workMs };
}

export const tellOrder = ({ point, passing, later, afterMs }: Order) =>
  point === null
    ? `${afterMs} ms after ${later ? 'the first work' : 'the start'}`
    : `at "${point}", passing ${passing}${later ? '' : ' from the start'}`;
