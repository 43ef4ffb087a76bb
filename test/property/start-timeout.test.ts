import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  percentile95,
  type StartTimeoutSettings,
  startTimeoutOf,
  withStart,
} from '../../src/actors/machine/start-timeout.ts';

const ms = fc.integer({ min: 1, max: 1_000_000 });
const settings = fc.record({ startTimeoutMs: ms, startTimeoutMinMs: ms, startTimeoutMaxMs: ms });
const starts = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 20 });
const failures = fc.nat(3);
const config = fc.record({ startTimeoutMs: fc.constant(null), mayInstall: fc.boolean() });

const floorOf = ({ startTimeoutMs, startTimeoutMinMs }: StartTimeoutSettings) =>
  Math.min(startTimeoutMs, startTimeoutMinMs);

describe('the limit of a start', () => {
  it('lies within the bounds, whatever earlier starts took', () => {
    fc.assert(
      fc.property(settings, starts, failures, config, (given, took, failed, stored) => {
        const { ms: limit } = startTimeoutOf({ starts: took, failures: failed }, given, stored);
        expect(limit).toBeGreaterThanOrEqual(floorOf(given));
        expect(limit).toBeLessThanOrEqual(Math.max(given.startTimeoutMaxMs, given.startTimeoutMs));
      }),
    );
  });

  it('does not get shorter when a start took longer', () => {
    fc.assert(
      fc.property(
        settings,
        starts,
        failures,
        config,
        fc.nat(19),
        fc.nat(1_000_000),
        (given, took, failed, stored, at, more) => {
          const longer = took.map((each, index) => (index === at ? each + more : each));
          const limitOf = (durations: readonly number[]) =>
            startTimeoutOf({ starts: durations, failures: failed }, given, stored).ms;
          expect(limitOf(longer)).toBeGreaterThanOrEqual(limitOf(took));
        },
      ),
    );
  });

  it('is not below that of the settings after a failure, or where something may have to be downloaded', () => {
    fc.assert(
      fc.property(settings, starts, fc.integer({ min: 1, max: 3 }), config, (given, took, failed, stored) => {
        const careful = [
          startTimeoutOf({ starts: took, failures: failed }, given, stored),
          startTimeoutOf({ starts: took, failures: 0 }, given, { ...stored, mayInstall: true }),
          startTimeoutOf({ starts: took, failures: 0 }, given, null),
        ];
        for (const { ms: limit } of careful) expect(limit).toBeGreaterThanOrEqual(given.startTimeoutMs);
      }),
    );
  });

  it('is learned from no more starts than a bounded number (invariant 10), and leaves time for almost all of them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 50, size: 'max' }), all => {
        const kept = all.reduce<readonly number[]>(withStart, []);
        expect(kept).toEqual(all.slice(-20));
        const slower = kept.filter(took => took > percentile95(kept));
        expect(slower.length).toBeLessThanOrEqual(kept.length * 0.05);
        expect(kept).toContain(percentile95(kept));
      }),
    );
  });
});
