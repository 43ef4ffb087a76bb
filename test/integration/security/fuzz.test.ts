/** The fuzz of every route, in small: `npm run fuzz` sends a hundred times as many requests. */
import { expect, it } from 'vitest';
import { fuzz } from '../../../scripts/fuzz/fuzz.ts';

it('1,000 requests of every kind at every route: answers of the contract alone, no crash, nothing left behind', async () => {
  const seed = Date.now() & 0x7fffffff;
  const { routes, statuses, faults } = await fuzz({
    seed,
    requests: 1_000,
    concurrency: 8,
    progress: () => {},
  });
  expect(faults, `npm run fuzz -- --requests 1000 --concurrency 8 --seed ${seed}`).toEqual([]);
  // Nothing would be wrong with a gateway that has no routes, or answers every request alike.
  expect(routes).toBeGreaterThan(25);
  expect(Object.keys(statuses).length).toBeGreaterThan(8);
}, 300_000);
