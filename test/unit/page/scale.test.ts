import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scale } from '../../../src/page/model/scale.ts';

const timesAndEnd = fc
  .tuple(fc.array(fc.nat(1e7), { minLength: 1, maxLength: 50 }), fc.nat(1e7))
  .map(([pauses, last]) => {
    let at = 1_700_000_000_000;
    const times = pauses.map(pause => {
      at += pause;
      return at;
    });
    return { times, end: at + last };
  });

describe('the scale of the slider', () => {
  test('given any history, then the position of an event is that event, at its own time', () => {
    fc.assert(
      fc.property(timesAndEnd, ({ times, end }) => {
        const scale = new Scale(times, end);
        times.forEach((at, index) => {
          expect(scale.momentAt(scale.positionOf(index))).toEqual({ index, at, exact: true });
        });
      }),
    );
  });

  test('given any two positions, then the later one is not earlier in time, and lies within the history', () => {
    fc.assert(
      fc.property(
        timesAndEnd,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (history, a, b) => {
          const scale = new Scale(history.times, history.end);
          const [first, second] = [a, b]
            .sort((x, y) => x - y)
            .map(share => scale.momentAt(share * scale.length));
          expect(first?.at).toBeLessThanOrEqual(second?.at ?? 0);
          expect(first?.at).toBeGreaterThanOrEqual(history.times[0] ?? 0);
          expect(second?.at).toBeLessThanOrEqual(history.end);
        },
      ),
    );
  });

  test('given a burst after a quiet week, then the burst can still be seen', () => {
    const week = 7 * 24 * 3600 * 1000;
    const scale = new Scale([0, week, week + 5, week + 10], week + 15);
    const burst = scale.positionOf(3) - scale.positionOf(1);
    expect(burst / scale.length).toBeGreaterThan(0.08);
  });

  test('given a moment within a stay, then its position leads back to it', () => {
    const scale = new Scale([0, 1000, 100_000], 200_000);
    const moment = scale.momentAt((scale.positionOf(1) + scale.positionOf(2)) / 2);
    expect(moment).toEqual({ index: 1, at: 50_500, exact: false });
    expect(scale.momentAt(scale.positionOfMoment(moment))).toEqual(moment);
  });
});
