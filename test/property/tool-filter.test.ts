import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotJsonRpc } from '../../src/backends/rpc/text.ts';
import { config, type LaunchRig, launchRig } from '../support/launch.ts';
import { RecordingSink, TestSession } from '../support/multiplexer.ts';

const DENIED = 'forbidden';
const filters = [
  { allow: ['echo', 'add'], deny: [] },
  { allow: null, deny: [DENIED] },
  { allow: null, deny: ['forb*'] },
  { allow: ['*'], deny: ['*dd*'] },
];

/** Spells some characters of a JSON string's content as escapes. */
const escaped = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map(which => [...text].map((char, at) => (which[at] ? `\\u${hex(char)}` : char)).join(''));
const hex = (char: string) => char.charCodeAt(0).toString(16).padStart(4, '0');

/** What any reader of the text could find: with every escape resolved. */
const readings = (text: string) =>
  text.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

/** A string in JSON, in any spelling. */
const spelt = (...texts: string[]) =>
  fc
    .constantFrom(...texts)
    .chain(escaped)
    .map(text => `"${text}"`);
/** A member, whose name may be spelt in any way and, where `cased`, in another case. */
const member = (name: string, values: fc.Arbitrary<string>, cased = true) =>
  fc
    .tuple(
      spelt(name, ...(cased ? [name.toUpperCase(), `${name[0]?.toUpperCase()}${name.slice(1)}`] : [])),
      values,
    )
    .map(([key, value]) => `${key}:${value}`);
/** An object's members, in any order, each as often as it comes. */
const object = (...members: fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...members), { maxLength: 5 }).map(list => `{${list.join(' , ')}}`);

const names = spelt('echo', DENIED);
const nameValues = fc.oneof(
  { weight: 8, arbitrary: names },
  names.map(name => `[${name}]`),
  names.map(name => `{"name":${name}}`),
);
const params = fc.oneof(
  { weight: 8, arbitrary: object(member('name', nameValues), fc.constant('"arguments":{"name":"echo"}')) },
  names.map(name => `[${name}]`),
  fc.constant('null'),
);
const requests = fc
  .tuple(
    fc.array(fc.oneof(member('method', spelt('tools/call', 'prompts/get')), member('params', params)), {
      maxLength: 4,
    }),
    params,
    fc.boolean(),
  )
  .map(([noise, last, withId]) => {
    const id = withId ? ['"id":1'] : [];
    return `{${['"jsonrpc":"2.0"', ...id, ...noise, '"method":"tools/call"', `"params":${last}`].join(',')}}`;
  });

const tools = object(member('name', names, false), fc.constant('"title":"t"'));
const lists = fc.array(tools, { maxLength: 5 }).map(list => `[${list.join(',')}]`);
const listResults = object(member('tools', lists, false), fc.constant('"nextCursor":"n"'));

describe('a service with a tool filter', () => {
  it('no denied name reaches the backend in a tools/call, however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...filters), requests, async (filter, text) => {
        const { rig, session } = await launched(filter);
        const before = rig.transport.texts.length;
        say(session, text);
        for (const sent of rig.transport.texts.slice(before)) {
          const read = readings(sent);
          expect(read.includes('tools/call') && read.includes(DENIED), `sent: ${sent}`).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no denied name appears in a list, however it is written, and what is allowed stays in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...filters), listResults, async (filter, result) => {
        const { rig, session, events } = await launched(filter);
        const sink = session.call(1, 'tools/list');
        events.onMessage(`{"jsonrpc":"2.0","id":${rig.transport.last.id},"result":${result}}`);
        expect(sink.resultTexts).toHaveLength(1);
        expect(readings(sink.resultTexts[0] ?? '')).not.toContain(DENIED);
        const given: { tools?: { name?: string }[] } = JSON.parse(result);
        const seen = sink.outcomes[0] as { result: { tools?: unknown[] } };
        expect(seen.result.tools).toEqual(given.tools?.filter(({ name }) => name === 'echo'));
      }),
      { numRuns: 200 },
    );
  });

  it('stars mean what the same pattern means as a regular expression', async () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map(list => list.join(''));
    await fc.assert(
      fc.asyncProperty(letters, letters, async (pattern, name) => {
        const { rig, session } = await launched({ allow: [pattern], deny: [] });
        const before = rig.transport.texts.length;
        session.call(1, 'tools/call', { name });
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
        expect(rig.transport.texts.length - before).toBe(expected ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });
});

interface Launched {
  readonly rig: LaunchRig;
  readonly session: TestSession;
  readonly events: Awaited<LaunchRig['connected']>;
}

async function launched(filter: (typeof filters)[number]): Promise<Launched> {
  const rig = launchRig();
  const lane = await rig.launch({ config: { ...config, tools: filter } });
  return { rig, session: new TestSession(lane, 's'), events: await rig.connected };
}

/** As a front does: what is no JSON-RPC message goes no further. */
function say(session: TestSession, text: string): void {
  try {
    session.say(text, new RecordingSink());
  } catch (error) {
    if (!(error instanceof NotJsonRpc)) throw error;
  }
}
