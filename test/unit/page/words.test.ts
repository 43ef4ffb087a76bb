import { describe, expect, test } from 'vitest';
import { age, bytes, count, duration, interval, percent } from '../../../src/page/parts/words.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('the words of the page', () => {
  test.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [3 * MINUTE, '3 min'],
    [3 * MINUTE + 20_500, '3 min 20 s'],
    [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
    [9 * DAY + 4 * HOUR, '9 d 4 h'],
  ])('given %d ms, then they last %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test.each([
    [12, '12 ms'],
    [1_540, '1.5 s'],
    [30_000, '30 s'],
  ])('given a pause of %d ms, then it is %s', (ms, text) => {
    expect(interval(ms)).toBe(text);
  });

  test('given sizes and counts, then they have a unit and at most three digits', () => {
    expect([bytes(0), bytes(48_400_000), bytes(1_250_000_000)]).toEqual(['0 kB', '48 MB', '1.3 GB']);
    expect([percent(0.44), percent(132.4)]).toEqual(['0.4 %', '132 %']);
    expect([age(47 * HOUR), age(9 * DAY)]).toEqual(['47 h', '9 d']);
    expect([count(1, 'call'), count(3, 'call')]).toEqual(['1 call', '3 calls']);
  });
});
