import { describe, expect, it } from 'vitest';
import type { CallFailure } from '../../src/backends/backend.ts';
import type { CommonConfig } from '../../src/backends/config/service-config.ts';
import { createToolFilter } from '../../src/backends/tool-filter.ts';
import { config, launchRig } from '../support/launch.ts';
import { type Message, RecordingSink, TestSession } from '../support/multiplexer.ts';

type Tools = CommonConfig['tools'];

function filterOf(tools: Partial<Tools>) {
  const filter = createToolFilter({ allow: null, deny: [], ...tools });
  if (filter === null) throw new Error('no filter');
  return filter;
}

describe('what a tool filter allows', () => {
  it.each<[string, Partial<Tools>, unknown, boolean]>([
    ['an allowed name', { allow: ['echo'] }, 'echo', true],
    ['a name that is not on the allow list', { allow: ['echo'] }, 'add', false],
    ['nothing, with an empty allow list', { allow: [] }, 'echo', false],
    ['a name that is not denied', { deny: ['echo'] }, 'add', true],
    ['a denied name', { deny: ['echo'] }, 'echo', false],
    ['a name on both lists', { allow: ['echo'], deny: ['echo'] }, 'echo', false],
    ['a name in another case', { allow: ['echo'] }, 'Echo', false],
    ['a name with a blank', { allow: ['echo'] }, 'echo ', false],
    ['a name of a property of objects', { allow: ['echo'] }, 'constructor', false],
    ['a name in an array', { deny: ['echo'] }, ['add'], false],
    ['no name', { deny: ['echo'] }, undefined, false],
    ['a number', { deny: ['echo'] }, 1, false],
    ['a prefix with a star', { allow: ['read_*'] }, 'read_file', true],
    ['the prefix alone', { allow: ['read_*'] }, 'read_', true],
    ['another prefix', { allow: ['read_*'] }, 'bread_file', false],
    ['a suffix behind a star', { deny: ['*_file'] }, 'read_file', false],
    ['stars in the middle', { deny: ['a*b*c'] }, 'a-b-c', false],
    ['the middle in another order', { deny: ['a*b*c'] }, 'a-c-b', true],
    ['parts that would overlap', { deny: ['ab*ba'] }, 'aba', true],
    ['a part that is only at the end', { deny: ['*b*b'] }, 'b', true],
    ['all, with a star', { deny: ['*'] }, '', false],
    ['a literal star', { deny: ['a*'] }, 'a*', false],
    ['no regular expression', { deny: ['a.c'] }, 'abc', true],
    ['a line break under a star', { deny: ['a*'] }, 'a\nb', false],
  ])('%s: %o %o', (_what, tools, name, allowed) => {
    expect(filterOf(tools).allows(name)).toBe(allowed);
  });

  it('there is no filter where nothing is restricted', () => {
    expect(createToolFilter({ allow: null, deny: [] })).toBeNull();
  });

  it('a hostile name of a million characters is judged at once by a pattern with many stars', () => {
    const { allows } = filterOf({ deny: [`${'a*'.repeat(200)}b`] });
    expect(allows('a'.repeat(1_000_000))).toBe(true);
  });
});

/** A session on a launched lane whose service has these tools settings. */
async function sessionWith(tools: Partial<Tools>) {
  const rig = launchRig();
  const lane = await rig.launch({ config: { ...config, tools: { allow: null, deny: [], ...tools } } });
  const session = new TestSession(lane, 's');
  const handshake = rig.transport.sent.length;
  return { ...rig, session, sent: () => rig.transport.sent.slice(handshake) };
}

const refusal = (id: number, message: string) => ({ jsonrpc: '2.0', id, error: { code: -32602, message } });

describe('tools/call on a filtered service', () => {
  it('an allowed tool is called', async () => {
    const { session, sent, hear } = await sessionWith({ allow: ['echo'] });
    const sink = session.call(1, 'tools/call', { name: 'echo', arguments: {} });
    expect(sent()).toMatchObject([{ method: 'tools/call', params: { name: 'echo' } }]);
    hear({ id: sent()[0]?.id, result: { content: [] } });
    expect(sink.outcomes).toEqual([{ jsonrpc: '2.0', id: 1, result: { content: [] } }]);
  });

  it('a tool that is not allowed does not exist, and the backend hears nothing', async () => {
    const { session, sent } = await sessionWith({ allow: ['echo'] });
    expect(session.call(1, 'tools/call', { name: 'add' }).outcomes).toEqual([
      refusal(1, 'Unknown tool: add'),
    ]);
    expect(sent()).toEqual([]);
  });

  it('without a filter anything is passed on', async () => {
    const { session, sent } = await sessionWith({});
    session.call(1, 'tools/call', { name: 'add' });
    expect(sent()).toHaveLength(1);
  });

  it('a long name is quoted in part', async () => {
    const { session } = await sessionWith({ allow: ['echo'] });
    const { outcomes } = session.call(1, 'tools/call', { name: 'x'.repeat(10_000) });
    expect(outcomes).toEqual([refusal(1, `Unknown tool: ${'x'.repeat(128)}`)]);
  });

  it.each([
    ['denied last', '{"name":"echo","name":"add"}'],
    ['escaped key', '{"n\\u0061me":"add"}'],
    ['escaped value', '{"name":"\\u0061dd"}'],
    ['escaped duplicate', '{"name":"echo","\\u006eame":"add"}'],
    ['no name', '{"arguments":{}}'],
    ['name in an array', '{"name":["add"]}'],
    ['name null', '{"name":null}'],
    ['params by position', '["add"]'],
    ['params a string', '"add"'],
    ['name further in', '{"arguments":{"name":"echo"}}'],
  ])('%s: refused', async (_what, params) => {
    const { session, sent } = await sessionWith({ allow: ['echo'] });
    const sink = new RecordingSink();
    session.say(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`, sink);
    expect(sink.outcomes).toMatchObject([{ id: 1, error: { code: -32602 } }]);
    expect(sent()).toEqual([]);
  });

  it.each([
    ['denied first', '{"name":"add","name":"echo"}'],
    ['in another case', '{"Name":"add","name":"echo"}'],
    ['escaped, first', '{"n\\u0061me":"add","name":"echo"}'],
  ])('a second reading of the name (%s) does not reach the backend', async (_what, params) => {
    const { session, sent, transport } = await sessionWith({ deny: ['add'] });
    session.say(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
    expect(sent()).toHaveLength(1);
    expect(transport.texts.at(-1)).not.toContain('add');
  });

  it('as a notification it is dropped', async () => {
    const { session, sent } = await sessionWith({ allow: ['echo'] });
    session.say({ method: 'tools/call', params: { name: 'add' } });
    expect(sent()).toEqual([]);
  });
});

describe('tools/list on a filtered service', () => {
  async function listed(tools: Partial<Tools>, answer: object): Promise<Message | CallFailure | undefined> {
    const { session, sent, hear } = await sessionWith(tools);
    const sink = session.call(1, 'tools/list', { cursor: 'c' });
    expect(sent()).toMatchObject([{ method: 'tools/list', params: { cursor: 'c' } }]);
    hear({ id: sent()[0]?.id, ...answer });
    expect(sink.outcomes).toHaveLength(1);
    return sink.outcomes[0];
  }

  it('tools that are not allowed are left out; the cursor and the rest stay', async () => {
    const tools = [{ name: 'add' }, { name: 'echo', title: 'E' }, { name: 'sub' }];
    const result = { tools, nextCursor: 'next', ttlMs: 5, _meta: { a: 1 } };
    expect(await listed({ deny: ['add', 'sub'] }, { result })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { ...result, tools: [{ name: 'echo', title: 'E' }] },
    });
  });

  it('what has no name, and what is no list, is left out', async () => {
    expect(
      await listed({ deny: ['x'] }, { result: { tools: [{}, null, 'add', { name: 1 }] } }),
    ).toMatchObject({
      result: { tools: [] },
    });
    expect(await listed({ deny: ['x'] }, { result: { tools: { add: {} } } })).toMatchObject({
      result: { tools: [] },
    });
  });

  it('an error is passed on', async () => {
    const error = { code: -32603, message: 'out of order' };
    expect(await listed({ deny: ['x'] }, { error })).toEqual({ jsonrpc: '2.0', id: 1, error });
  });

  it('a list nested too deeply to be written again is answered with an error', async () => {
    const { session, sent, transportEvents } = await deepRig();
    const sink = session.call(1, 'tools/list');
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const id = sent()[0]?.id;
    transportEvents.onMessage(
      `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"echo","x":${deep}}]}}`,
    );
    expect(sink.outcomes).toMatchObject([{ id: 1, error: { code: -32603 } }]);
  });

  async function deepRig() {
    const rig = await sessionWith({ allow: ['echo'] });
    return { ...rig, transportEvents: await rig.connected };
  }

  it('progress and failures are passed on', async () => {
    const { session, sent, hear, transport } = await sessionWith({ allow: ['echo'] });
    const sink = session.call(1, 'tools/list', { _meta: { progressToken: 't' } });
    hear({ method: 'notifications/progress', params: { progressToken: sent()[0]?.id, progress: 1 } });
    expect(sink.messages).toMatchObject([{ params: { progressToken: 't' } }]);
    transport.exit('gone');
    await transport.gone;
    await Promise.resolve();
    expect(sink.outcomes).toMatchObject([{ kind: 'lost' }]);
  });
});

describe('other methods on a filtered service', () => {
  it('are passed on, and the session can be closed', async () => {
    const { session, sent, hear } = await sessionWith({ allow: [] });
    const sink = session.call(1, 'prompts/list');
    hear({ id: sent()[0]?.id, result: { tools: [{ name: 'kept' }] } });
    expect(sink.outcomes).toMatchObject([{ result: { tools: [{ name: 'kept' }] } }]);
    const pending = session.call(2, 'prompts/list');
    session.lane.close();
    expect(pending.outcomes).toMatchObject([{ kind: 'closed' }]);
  });
});
