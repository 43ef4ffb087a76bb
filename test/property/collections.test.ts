import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdTable } from '../../src/collections/id-table.ts';
import { LinkedList, type Place } from '../../src/collections/linked-list.ts';

const id = fc.oneof(
  { weight: 6, arbitrary: fc.nat(40) },
  fc.nat(2 ** 31 - 1),
  fc.constantFrom<number | string>(
    -1,
    1.5,
    2 ** 31,
    2 ** 32 + 1,
    2 ** 53,
    '',
    '1',
    '-1',
    '1.5',
    '__proto__',
    '"1',
  ),
);
const deed = fc.record({ id, takes: fc.boolean() });

describe('a table by id', () => {
  test('given any puts and takes, then it holds what a Map would', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 400 }), deeds => {
        const table = new IdTable<number>();
        const model = new Map<number | string, number>();
        deeds.forEach(({ id: each, takes }, n) => {
          if (takes) {
            expect(table.take(each)).toBe(model.get(each));
            model.delete(each);
          } else {
            table.set(each, n);
            model.set(each, n);
          }
          expect(table.size).toBe(model.size);
        });
        for (const { id: each } of deeds) {
          expect(table.get(each)).toBe(model.get(each));
          expect(table.has(each)).toBe(model.has(each));
        }
        expect(new Set(table.values())).toEqual(new Set(model.values()));
      }),
      { numRuns: 300 },
    );
  });

  test('given a crowd that passes through, then each is found until it is taken', () => {
    const table = new IdTable<string>();
    for (let n = 0; n < 20_000; n++) {
      table.set(n, `${n}`);
      if (n < 1000) continue;
      expect(table.take(n - 1000)).toBe(`${n - 1000}`);
      expect(table.get(n - 500)).toBe(`${n - 500}`);
    }
    expect(table.size).toBe(1000);
  });
});

describe('a linked list', () => {
  test('given any values that come and leave, then the others keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), deeds => {
        const list = new LinkedList<number>();
        let places: Place<number>[] = [];
        deeds.forEach((which, n) => {
          const leaving = places[which];
          if (leaving === undefined) places.push(list.add(n));
          else {
            list.remove(leaving);
            places = places.filter(place => place !== leaving);
            expect([leaving.previous, leaving.next]).toEqual([null, null]);
          }
          const values = places.map(({ value }) => value);
          expect(list.toArray()).toEqual(values);
          expect([list.size, list.first]).toEqual([values.length, values[0]]);
        });
      }),
      { numRuns: 300 },
    );
  });
});
