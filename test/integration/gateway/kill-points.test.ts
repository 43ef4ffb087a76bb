/** The gateway is killed everywhere (invariants 3, 4, 6, 7, 9); `npm run test:kill` does it a thousand times. */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { POINTS } from '../../kill/inject/points.ts';
import { ordersOf } from '../../kill/orders.ts';
import { run } from '../../kill/run.ts';
import { buildUnderTest } from '../../support/gateway-build.ts';

describe('kill -9 of the gateway at any point', { timeout: 600_000 }, () => {
  const seed = randomInt(1_000_000);
  it(`given clients that register, start, call and delete (seed ${seed}), then after each boot everything acknowledged is there, and nothing else`, async () => {
    const orders = ordersOf(seed, POINTS.length, false);
    const { byPoint, missed, violations } = await run({ build: buildUnderTest(), seed, orders, abreast: 2 });
    expect(violations).toEqual([]);
    expect(missed).toEqual([]);
    expect([...byPoint.keys()].sort()).toEqual([...POINTS].sort());
  });
});
