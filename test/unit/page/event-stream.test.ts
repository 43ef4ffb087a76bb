import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventStreamReader } from '../../../src/page/api/event-stream.ts';

const readAll = (chunks: readonly string[]) => {
  const reader = new EventStreamReader();
  return chunks.flatMap(chunk => reader.read(chunk));
};

describe('the event stream as the page reads it', () => {
  test('given events with names, ids and comments, then each comes with the last id', () => {
    const text =
      ': hello\n\nevent: record\nid: 7\ndata: {"a":1}\n\n: keep-alive\n\nevent: vitals\ndata: x\n\ndata: y\n\n';
    expect(readAll([text])).toEqual([
      { event: 'record', data: '{"a":1}', id: '7' },
      { event: 'vitals', data: 'x', id: '7' },
      { event: 'message', data: 'y', id: '7' },
    ]);
  });

  test('given data over several lines, then they are one event', () => {
    expect(readAll(['data: a\ndata:b\ndata\n\n'])).toEqual([{ event: 'message', data: 'a\nb\n', id: '' }]);
  });

  test('given a line end that is cut in two, then it is one line end, and the event is not', () => {
    const event = { event: 'message', data: 'a\nb', id: '' };
    expect(readAll(['data: a\r', '\ndata: b\r\n\r\n'])).toEqual([event]);
  });

  test('given an event without its empty line, then it is not there yet', () => {
    expect(readAll(['event: record\ndata: {}\n'])).toEqual([]);
  });

  test('given a line that never ends, then the stream is given up rather than kept', () => {
    const reader = new EventStreamReader();
    const chunk = 'x'.repeat(1024 * 1024);
    expect(() => {
      for (let n = 0; n < 9; n++) reader.read(chunk);
    }).toThrow('without an end');
  });

  test('given any cut into chunks and any line ends, then the events are the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', ' ', ':', '{', 'é') })),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(80), { maxLength: 12 }),
        (values, end, cuts) => {
          const text = `${values.map((value, n) => `id: ${n}${end}data: ${value}${end}${end}`).join('')}:${end}`;
          const places = [
            0,
            ...[...cuts].sort((a, b) => a - b).map(cut => Math.min(cut, text.length)),
            text.length,
          ];
          const chunks = places.slice(1).map((to, n) => text.slice(places[n], to));
          expect(readAll(chunks)).toEqual(
            values.map((data, n) => ({ event: 'message', data, id: String(n) })),
          );
        },
      ),
    );
  });
});
