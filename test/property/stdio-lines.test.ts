import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from '../../src/backends/stdio/lines.ts';

interface Seen {
  readonly lines: string[];
  readonly oversized: { bytes: number; head: string }[];
}

function read(chunks: readonly Buffer[], maxLineBytes: number, headChars = 16): Seen {
  const seen: Seen = { lines: [], oversized: [] };
  const reader = new LineReader({
    maxLineBytes,
    headChars,
    onLine: line => seen.lines.push(line),
    onOversized: (bytes, head) => seen.oversized.push({ bytes, head }),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return seen;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map(n => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const line = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(text => !/[\r\n]/.test(text));
const cuts = fc.array(fc.nat(), { maxLength: 30 });

test('any chunking of any lines, with either line break, gives the same lines', () => {
  fc.assert(
    fc.property(
      fc.array(line),
      cuts,
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (lines, at, lineBreak, last) => {
        const bytes = Buffer.from(lines.join(lineBreak) + (last ? lineBreak : ''));
        expect(read(cut(bytes, at), 1_000)).toEqual({ lines, oversized: [] });
      },
    ),
  );
});

test('a line over the bound is skipped with its size and head, and every other line still arrives', () => {
  fc.assert(
    fc.property(fc.array(line), cuts, fc.integer({ min: 0, max: 60 }), (lines, at, maxLineBytes) => {
      const fits = (text: string) => Buffer.byteLength(text) <= maxLineBytes;
      const seen = read(cut(Buffer.from(`${lines.join('\n')}\n`), at), maxLineBytes);
      expect(seen.lines).toEqual(lines.filter(fits));
      expect(seen.oversized).toEqual(
        lines
          .filter(text => !fits(text))
          .map(text => ({ bytes: Buffer.byteLength(text), head: text.slice(0, 16) })),
      );
    }),
  );
});

test('pieces of every size around the block size make up the same line', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 16_000, max: 17_000 })), {
        maxLength: 40,
      }),
      sizes => {
        const pieces = sizes.map((size, index) => Buffer.alloc(size, 97 + (index % 26)));
        const whole = Buffer.concat(pieces).toString();
        expect(read([...pieces, Buffer.from('\n')], 1_000_000).lines).toEqual(whole === '' ? [] : [whole]);
      },
    ),
    { numRuns: 50 },
  );
});

test('given a line of a million one-byte chunks, when it ends, then it arrives whole', () => {
  const reader = { text: '' };
  const lines = new LineReader({
    maxLineBytes: 2_000_000,
    headChars: 16,
    onLine: text => {
      reader.text = text;
    },
    onOversized: () => expect.unreachable(),
  });
  const chunk = Buffer.from('x');
  for (let n = 0; n < 1_000_000; n++) lines.push(chunk);
  lines.push(Buffer.from('\n'));
  expect(reader.text.length).toBe(1_000_000);
});
