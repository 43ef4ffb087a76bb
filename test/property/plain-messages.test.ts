/** Reading messages in their bytes acts only where it is sure, and then does what parsing, replacing and writing does (invariant 8). */
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToken } from '../../src/backends/multiplexer/progress-token.ts';
import { idText } from '../../src/backends/rpc/build.ts';
import type { RpcRequest } from '../../src/backends/rpc/json-rpc.ts';
import { splice } from '../../src/backends/rpc/places.ts';
import { skipValue } from '../../src/backends/rpc/plain/grammar.ts';
import { textOf, tokenText, withId } from '../../src/backends/rpc/plain/message.ts';
import { readPlainRequest, readPlainResponse } from '../../src/backends/rpc/plain/read.ts';
import { parseMessage } from '../../src/backends/rpc/text.ts';

/** Longer than whatever is read in one stride, with escapes far apart, and characters of one to four bytes. */
const longText = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'é', '語', '😀', ' '),
      fc.nat(90),
      fc.constantFrom('', '', '"', '\\', '\n', '\u0001', '\u007f', '\ud800', '\u2028'),
    ),
    { maxLength: 8 },
  )
  .map(parts => parts.map(([filler, times, special]) => filler.repeat(times) + special).join(''));
const scalar = fc.oneof(
  longText.map(text => JSON.stringify(text)),
  fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value)),
  fc.constantFrom(
    '0',
    '-0',
    '-1.5E+3',
    '1e-2',
    '12345678901234567890',
    'true',
    'false',
    'null',
    '"\\u0069\\/"',
  ),
);
const space = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('', '', ' ', '\t', '  ') },
  fc.constantFrom('\n', '\r\n'),
);
const value = fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 2, arbitrary: fc.json() });

/** Keys as writers spell them: nearly always plain, else with an escape, in another case, or beyond ASCII. */
const key = (...names: string[]) =>
  fc.tuple(fc.constantFrom(...names), fc.nat(200), fc.nat(20)).map(([name, way, at]) => {
    const index = at % name.length;
    const code = name.charCodeAt(index).toString(16).padStart(4, '0');
    if (way === 0) return `${name.slice(0, index)}\\u${code}${name.slice(index + 1)}`;
    if (way === 1) return name.toUpperCase();
    return way === 2 ? name.replace('s', '\u017f').replace('k', '\u212a') : name;
  });
const other = fc.tuple(key('x', 'arguments', 'idd', 'meta', 'naïve', 'I'), value);
const object = (...members: fc.Arbitrary<readonly (readonly [string, string])[]>[]) =>
  fc
    .tuple(
      fc
        .tuple(...members, fc.array(other, { maxLength: 1 }))
        .map(lists => lists.flat())
        .chain(list => fc.shuffledSubarray(list, { minLength: list.length })),
      space,
      space,
    )
    .map(
      ([list, a, b]) => `{${a}${list.map(([name, text]) => `"${name}"${b}:${a}${text}${b}`).join(`,${a}`)}}`,
    );
/** Once nearly always; sometimes not at all, or twice. */
const member = (name: fc.Arbitrary<string>, text: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.nat(40), fc.array(fc.tuple(name, text), { minLength: 2, maxLength: 2 }))
    .map(([way, two]) => (way === 0 ? [] : two.slice(0, way === 1 ? 2 : 1)));

const id = fc.oneof(
  { weight: 5, arbitrary: fc.nat(9_999_999).map(String) },
  { weight: 3, arbitrary: fc.string().map(text => JSON.stringify(text)) },
  fc.constantFrom('-1', '1.0', '1e3', '9007199254740993', '01', 'null', '{}', '""', '"\\u0041"', '"é"'),
);
const meta = object(
  member(key('progressToken'), id),
  fc
    .array(fc.tuple(key('io.modelcontextprotocol/logLevel'), scalar), { maxLength: 1 })
    .map(l => (l.length > 0 && l[0]?.[1] === 'true' ? l : [])),
);
const params = object(
  member(key('_meta'), fc.oneof({ weight: 5, arbitrary: meta }, value)),
  member(key('name'), scalar),
  member(key('uri', 'level', 'requestId', 'progressToken'), value),
);
const method = fc.constantFrom(
  'tools/call',
  'tools/call',
  'ping',
  'vendor/é',
  'tools\\/call',
  'resources/subscribe',
);
const version = fc.oneof({ weight: 30, arbitrary: fc.constant('"2.0"') }, fc.constantFrom('"1.0"', '2.0'));
const request = object(
  member(key('jsonrpc'), version),
  member(key('id'), id),
  member(
    key('method'),
    method.map(name => `"${name}"`),
  ),
  member(key('params'), fc.oneof({ weight: 5, arbitrary: params }, value)),
);
const response = object(
  member(key('jsonrpc'), version),
  member(key('id'), id),
  member(key('result', 'result', 'error'), fc.oneof(value, fc.constant('{"code":1}'))),
);
/** The bytes of a text, sometimes with one of them changed, taken out or doubled. */
const bytesOf = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.nat(9), fc.nat(), fc.nat(255)).map(([whole, way, at, byte]) => {
    const bytes = Buffer.from(whole);
    const place = at % bytes.length;
    if (way === 0) bytes[place] = byte;
    if (way === 1) return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
    if (way === 2)
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)]);
    return bytes;
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('messages that are read in their bytes', () => {
  it('given any request, then it is left to the parser, or comes out as from it (invariant 8)', () => {
    let taken = 0;
    fc.assert(
      fc.property(bytesOf(request), bytes => {
        const plain = isUtf8(bytes) ? readPlainRequest(bytes) : null;
        if (plain === null) return;
        taken++;
        const text = bytes.toString();
        const { message, located } = parseMessage(text);
        expect({ kind: plain.kind, id: plain.id, method: plain.method, text: plain.text }).toEqual({
          kind: message.kind,
          id: message.kind === 'request' ? message.id : null,
          method: message.kind === 'request' ? message.method : null,
          text,
        });
        // Nothing had to be written anew, so there is one reading of it.
        expect(located.text).toBe(text);
        expect(text).not.toMatch(/[\r\n]/);
        expect(tokenText(plain.plain)).toBe(readToken(located));
        const spliced = splice(text, [located.id, '4711'], [located.metaProgressToken, '4711']);
        expect(textOf(withId(plain.plain, '4711'))).toBe(spliced);
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('given any response, then it is left to the parser, or comes out as from it (invariant 8)', () => {
    let taken = 0;
    fc.assert(
      fc.property(bytesOf(response), id, (bytes, ours) => {
        const plain = isUtf8(bytes) ? readPlainResponse(bytes) : null;
        if (plain === null) return;
        taken++;
        const text = bytes.toString();
        const { message, located, failed } = parseMessage(text);
        expect([message.kind, message.kind === 'response' && message.id, failed]).toEqual([
          'response',
          plain.id,
          plain.failed,
        ]);
        expect(located.text).toBe(text);
        expect(text).not.toMatch(/[\r\n]/);
        expect(textOf(plain.withId(ours))).toBe(splice(text, [located.id, ours]));
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it('given any value without line breaks, then its end is found exactly when it is JSON', () => {
    fc.assert(
      fc.property(bytesOf(fc.oneof(value, request, fc.json({ maxDepth: 70 }))), fc.nat(7), (bytes, shift) => {
        // A view of words begins elsewhere in the bytes of each.
        const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
        if (!isUtf8(moved) || /[\r\n]/.test(moved.toString())) return;
        const text = moved.toString().replace(/^[ \t]+|[ \t]+$/g, '');
        const end = skipValue(Buffer.from(text), 0, 0);
        expect(end === Buffer.byteLength(text)).toBe(parsed(text) !== undefined);
        expect(
          skipValue(moved, moved.length - Buffer.byteLength(moved.toString().trimStart()), 0) !== -1,
        ).toBe(skipValue(Buffer.from(moved.toString().trimStart()), 0, 0) !== -1);
      }),
      { numRuns: 4_000 },
    );
  });

  it('given a string that never ends, of any length and wherever its bytes begin, then it is none (invariant 8)', () => {
    for (let length = 0; length < 200; length++) {
      for (let offset = 0; offset < 4; offset++) {
        const room = Buffer.from(`${' '.repeat(offset)}"${'x'.repeat(length)}`);
        expect(skipValue(room.subarray(offset), 0, 0), `${length} at ${offset}`).toBe(-1);
      }
    }
  });

  it('given long messages, then their pieces are what the parser makes of them', () => {
    fc.assert(
      fc.property(
        request,
        response,
        id,
        fc.integer({ min: 16_384, max: 40_000 }),
        (asked, answered, ours, length) => {
          const longer = (text: string) =>
            Buffer.from(text.replace(/^\{/, `{"filler":"${'x'.repeat(length)}",`));
          const long = readPlainRequest(longer(asked));
          if (long !== null) {
            const { located } = parseMessage(long.text);
            expect(withId(long.plain, '7')).toBeInstanceOf(Array);
            expect(textOf(withId(long.plain, '7'))).toBe(
              splice(long.text, [located.id, '7'], [located.metaProgressToken, '7']),
            );
          }
          const answer = readPlainResponse(longer(answered));
          if (answer === null) return;
          expect(answer.withId(ours)).toBeInstanceOf(Array);
          expect(textOf(answer.withId(ours))).toBe(
            splice(answer.text, [parseMessage(answer.text).located.id, ours]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('given a copy with another text, then it does not keep the bytes of the first', () => {
    const plain = readPlainRequest(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'));
    const copy: RpcRequest | null = plain && {
      ...plain,
      text: '{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}',
    };
    expect([plain?.plain, copy?.plain]).toEqual([expect.anything(), undefined]);
  });

  it('given ids as numbers and strings, then they are read as they are', () => {
    const read = (text: string) =>
      readPlainRequest(Buffer.from(`{"jsonrpc":"2.0","id":${text},"method":"ping"}`))?.id;
    expect(['7', '"a b"', '0', '""', '999999999999999'].map(read)).toEqual([
      7,
      'a b',
      0,
      '',
      999999999999999,
    ]);
    expect(['-7', '1e3', '9999999999999999', '"\\n"', 'null', '[]', '"é"'].map(read)).toEqual(
      Array(7).fill(undefined),
    );
    expect(idText('a b')).toBe('"a b"');
  });
});
