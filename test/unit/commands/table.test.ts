import { describe, expect, it } from 'vitest';
import { age, mebibytes, tableLines } from '../../../src/commands/client/table.ts';

const columns = [
  { title: 'NAME', text: ([name]: [string, number]) => name },
  { title: 'N', right: true, text: ([, n]: [string, number]) => String(n) },
  { title: 'WHY', text: ([name]: [string, number]) => `because of ${name}` },
];

describe('a table', () => {
  it('has columns as wide as what is in them, figures at their right, and no blanks at the end', () => {
    expect(
      tableLines(
        columns,
        [
          ['a', 1],
          ['longer', 1234],
        ],
        null,
      ),
    ).toEqual(['NAME       N  WHY', 'a          1  because of a', 'longer  1234  because of longer']);
  });

  it('is cut where the terminal ends', () => {
    const lines = tableLines(columns, [['longer', 1234]], 20);
    expect(lines[1]).toBe('longer  1234  becau…');
  });
});

describe('figures', () => {
  it.each([
    [-5, '0s'],
    [0, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [7_199_999, '1h'],
    [86_400_000 * 3, '3d'],
  ])('%i ms is %s', (ms, text) => {
    expect(age(ms)).toBe(text);
  });

  it.each([
    [null, '–'],
    [1_048_576, '1.0M'],
    [50 * 1_048_576, '50M'],
  ])('%s bytes is %s', (bytes, text) => {
    expect(mebibytes(bytes)).toBe(text);
  });
});
