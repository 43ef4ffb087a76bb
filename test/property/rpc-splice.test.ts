import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate, splice } from '../../src/backends/rpc/places.ts';
import { readMessage } from '../../src/backends/rpc/text.ts';

type Member = readonly [string, string];

const space = fc.constantFrom('', '', '', ' ', '\n', '\r\n\t');
const scalar = fc.oneof(
  fc.string().map(text => JSON.stringify(text)),
  fc.constantFrom(
    '0',
    '-1.5e3',
    '12345678901234567890',
    'true',
    'null',
    '"\\u0069d"',
    '"a\\"b\\\\"',
    '"{"',
    '"]\\\\\\""',
  ),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.json().map(text => text),
  fc.constantFrom(
    '{"id":7,"method":"nested"}',
    '[{"id":8},"id"]',
    '{}',
    '[]',
    '{"_meta":{"progressToken":3}}',
  ),
);

/** A key as some writer might spell it: plain, with escapes, in other case. */
function spelt(...names: string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...names), fc.nat(11), fc.nat(20)).map(([name, way, at]) => {
    const index = at % name.length;
    const code = name.charCodeAt(index).toString(16).padStart(4, '0');
    if (way === 0) return `${name.slice(0, index)}\\u${code}${name.slice(index + 1)}`;
    if (way === 1) return name.toUpperCase();
    return way === 2 ? name.replace('s', '\u017f').replace('k', '\u212a') : name;
  });
}

function object(members: fc.Arbitrary<readonly Member[]>): fc.Arbitrary<string> {
  return fc
    .tuple(members, space, space, space)
    .map(
      ([list, a, b, c]) => `{${a}${list.map(([key, text]) => `"${key}"${b}:${c}${text}${a}`).join(`,${b}`)}}`,
    );
}

const other = fc.tuple(
  fc.oneof(fc.constantFrom('name', 'x', '', 'a\\"id', '\\u4f60'), spelt('extra')),
  value,
);
const member = (key: fc.Arbitrary<string>, text: fc.Arbitrary<string>) => fc.tuple(key, text);
const shuffled = (...parts: fc.Arbitrary<readonly Member[]>[]) =>
  fc
    .tuple(...parts)
    .map(lists => lists.flat())
    .chain(list => fc.shuffledSubarray(list, { minLength: list.length }));
const some = (one: fc.Arbitrary<Member>, maxLength = 2) => fc.array(one, { maxLength });

const meta = object(shuffled(some(member(spelt('progressToken'), scalar)), some(other)));
const params = object(
  shuffled(
    some(member(spelt('_meta'), fc.oneof({ weight: 4, arbitrary: meta }, value))),
    some(member(spelt('requestId', 'progressToken', 'uri', 'level'), value)),
    some(other),
  ),
);
const METHODS = ['tools/call', 'notifications/cancelled', 'notifications/progress', 'resources/subscribe'];
const method = fc.oneof(
  fc.constantFrom(...METHODS, 'vendor/x').map(name => JSON.stringify(name)),
  fc.constant('"resources\\/subscribe"'),
);
const id = fc.oneof(
  fc.integer().map(String),
  fc.string().map(text => JSON.stringify(text)),
);
const message = object(
  shuffled(
    fc.constant([['jsonrpc', '"2.0"']] as const),
    fc.array(member(fc.constant('method'), method), { minLength: 1, maxLength: 2 }),
    fc.array(member(fc.constant('id'), id), { minLength: 1, maxLength: 2 }),
    some(member(spelt('id'), id), 1),
    some(member(spelt('params'), fc.oneof({ weight: 4, arbitrary: params }, value))),
    some(other),
  ),
);

const PARAMS: Readonly<Record<string, readonly string[]>> = {
  'notifications/cancelled': ['requestId'],
  'notifications/progress': ['progressToken'],
  'resources/subscribe': ['uri'],
  'tools/call': ['name'],
};
const fold = (name: string) => name.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');

/** The members of an object as JSON.parse reads them, without those that differ from a wanted one in case only. */
function clean(object: unknown, wanted: readonly string[]): Record<string, unknown> | null {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return null;
  for (const key of Object.keys(object)) {
    if (!wanted.includes(key) && wanted.some(name => fold(name) === fold(key)))
      Reflect.deleteProperty(object, key);
  }
  return object as Record<string, unknown>;
}

/** The same replacement on the parsed message. */
function replaced(text: string): unknown {
  const parsed = clean(JSON.parse(text), ['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
  if (parsed === null) throw new Error('no object');
  const names = PARAMS[String(parsed.method)] ?? [];
  const inParams = clean(parsed.params, ['_meta', ...names]);
  const inMeta = clean(inParams?._meta, ['progressToken']);
  parsed.id = 4711;
  if (inMeta !== null && Object.hasOwn(inMeta, 'progressToken')) inMeta.progressToken = 4712;
  for (const name of names)
    if (name !== 'name' && inParams !== null && Object.hasOwn(inParams, name)) inParams[name] = 'ours';
  return parsed;
}

describe('splicing', () => {
  it('gives what parsing, replacing and writing gives, whatever the spelling (invariant 8)', () => {
    fc.assert(
      fc.property(message, text => {
        const located = locate(readMessage(text).text);
        if (located === null) throw new Error('not located');
        const ours = '"ours"';
        const spliced = splice(
          located.text,
          [located.id, '4711'],
          [located.metaProgressToken, '4712'],
          [located.requestId, ours],
          [located.progressToken, ours],
          [located.uri, ours],
        );
        expect(JSON.parse(spliced)).toEqual(replaced(text));
        expect(spliced).not.toMatch(/[\r\n]/);
        // What was spliced has one reading only: locating again needs no rewriting.
        expect(locate(spliced)?.text).toBe(spliced);
      }),
      { numRuns: 1_000 },
    );
  });
});
