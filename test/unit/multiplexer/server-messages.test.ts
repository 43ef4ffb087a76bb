import { describe, expect, it } from 'vitest';
import { multiplexerRig } from '../../support/multiplexer.ts';

const elicit = {
  id: 'e-1',
  method: 'elicitation/create',
  params: { message: 'name?', _meta: { progressToken: 7 } },
};
const offering = { elicitation: {} };

describe('requests of the backend go to one session or are refused (invariant 8)', () => {
  it('to the one that is busy, on its call’s stream, and its answer goes back under the backend’s id', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const a = session('a', offering);
    const b = session('b', offering);
    const sink = a.call(1);
    hear(elicit);
    const [asked] = sink.messages;
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'name?' } });
    expect(multiplexer.load).toBe(2);
    const answer = { id: asked?.id, result: { action: 'accept' } };
    b.say(answer);
    expect(multiplexer.counters.dropped.unknownServerRequest).toBe(1);
    expect(transport.sent).toHaveLength(1);
    a.say({ ...answer, id: 'e-1' });
    a.say(answer);
    a.say(answer);
    expect(transport.sent.slice(1)).toEqual([{ jsonrpc: '2.0', id: 'e-1', result: { action: 'accept' } }]);
    expect(multiplexer.counters.dropped.unknownServerRequest).toBe(3);
  });

  it('outside any call when the session has several, or none and is the only one to offer it', () => {
    const { hear, session } = multiplexerRig();
    const a = session('a', offering);
    session('b');
    hear(elicit);
    const sinks = [a.call(1), a.call(2)];
    hear({ ...elicit, id: 2 });
    expect(a.delivered.map(({ method }) => method)).toEqual(['elicitation/create', 'elicitation/create']);
    expect(a.delivered[0]?.id).not.toBe(a.delivered[1]?.id);
    expect(sinks.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it.each([
    ['two are busy', [offering, offering], [0, 1]],
    ['two are busy and one of them offers it', [offering, {}], [0, 1]],
    ['the busy one does not offer it', [offering, {}], [1]],
    ['none is busy and two offer it', [offering, offering], []],
    ['nobody offers it', [{}], [0]],
    ['nobody is there', [], []],
  ])('refused when %s', (_name, capabilities, busy) => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const sessions = capabilities.map((offer, at) => session(`s${at}`, offer));
    const sinks = busy.map(at => sessions[at]?.call(1));
    hear(elicit);
    expect(transport.last).toMatchObject({ id: 'e-1', error: { code: -32601 } });
    expect(multiplexer.counters).toMatchObject({ refusedServerRequests: 1, dropped: { noOwner: 1 } });
    expect(sinks.flatMap(sink => sink?.messages)).toEqual([]);
    expect(sessions.flatMap(({ delivered }) => delivered)).toEqual([]);
  });

  it('refused when the session does not listen, and when it ends before it answered', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const a = session('a', offering);
    a.listening = false;
    hear(elicit);
    expect(transport.last).toMatchObject({ id: 'e-1', error: {} });
    a.listening = true;
    hear({ ...elicit, id: 5 });
    a.lane.close();
    expect(transport.last).toMatchObject({ id: 5, error: {} });
    a.say({ id: a.delivered[0]?.id, result: {} });
    expect(transport.sent).toHaveLength(2);
    expect(multiplexer.load).toBe(0);
  });

  it('refused after the deadline, and beyond the bound (invariants 3, 10)', () => {
    const { transport, clock, hear, session } = multiplexerRig({
      maxServerRequests: 1,
      requestTimeoutMs: 1_000,
    });
    const a = session('a', offering);
    hear(elicit);
    hear({ ...elicit, id: 'e-2' });
    expect(transport.last).toMatchObject({ id: 'e-2', error: {} });
    clock.increment(1_000);
    expect(transport.last).toMatchObject({ id: 'e-1', error: {} });
    expect(a.delivered[1]).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: a.delivered[0]?.id },
    });
  });

  it('maps the client’s progress and the backend’s cancellation, for the owner only', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a', offering), session('b')];
    hear(elicit);
    const { id, params } = a.delivered[0] ?? {};
    expect(params?._meta).toEqual({ progressToken: id });
    for (const one of [b, a])
      one.say({ method: 'notifications/progress', params: { progressToken: id, progress: 1 } });
    expect(transport.sent).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 7 } },
    ]);
    hear({ method: 'notifications/cancelled', params: { requestId: 'other' } });
    hear({ method: 'notifications/cancelled', params: { requestId: 'e-1' } });
    expect(a.delivered[1]).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
    expect(b.delivered).toEqual([]);
    expect(multiplexer.counters.dropped).toMatchObject({ unknownCancel: 1, unknownServerRequest: 1 });
    a.say({ id, result: {} });
    expect(transport.sent).toHaveLength(1);
  });

  it('answers ping itself', () => {
    const { transport, hear } = multiplexerRig();
    hear({ id: 'p', method: 'ping' });
    expect(transport.sent).toEqual([{ jsonrpc: '2.0', id: 'p', result: {} }]);
  });
});

describe('notifications of the backend', () => {
  const log = { method: 'notifications/message', params: { level: 'info', data: 'secret of one' } };

  it('without a correlator go to the only session that can be meant, else to nobody (invariant 8)', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const a = session('a');
    hear(log);
    const b = session('b');
    hear(log);
    const sink = b.call(1);
    hear(log);
    a.call(1);
    hear(log);
    hear({ method: 'notifications/vendor', params: {} });
    expect(a.delivered).toHaveLength(1);
    expect(b.delivered).toEqual([]);
    expect(sink.messages).toMatchObject([log]);
    expect(multiplexer.counters.dropped.noOwner).toBe(3);
    expect(transport.sent).toHaveLength(2);
  });

  it('`list_changed` go to every session, without what the backend put into them', () => {
    const { hear, session } = multiplexerRig();
    const sessions = [session('a'), session('b')];
    sessions[1]?.lane.close();
    sessions.push(session('c'));
    hear({ method: 'notifications/tools/list_changed', params: { about: 'a' } });
    hear({ method: 'notifications/vendor/list_changed', params: { about: 'a' } });
    const heard = [{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }];
    expect(sessions.map(({ delivered }) => delivered)).toEqual([heard, [], heard]);
  });

  it('that are no JSON-RPC are counted and are no sign of life; others are', () => {
    const { clock, hear, multiplexer } = multiplexerRig();
    clock.increment(10);
    for (const text of [
      'a log line',
      '[]',
      '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}',
      '',
    ]) {
      multiplexer.onMessage(text);
    }
    expect(multiplexer.counters.dropped.notJsonRpc).toBe(4);
    expect(multiplexer.lastMessageAt).toBe(0);
    hear({ method: 'notifications/vendor' });
    expect(multiplexer.lastMessageAt).toBe(10);
  });
});

describe('log levels', () => {
  it('the backend gets the most verbose, each session what it asked for', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    const set = (one: typeof a, id: number, level: string) => one.call(id, 'logging/setLevel', { level });
    set(a, 1, 'warning');
    hear({ id: 2, result: {} });
    const second = set(b, 1, 'error');
    expect(transport.last).toMatchObject({ params: { level: 'warning' } });
    expect(transport.sent).toHaveLength(1);
    expect(second.outcomes).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    set(b, 2, 'debug');
    expect(transport.last).toMatchObject({ params: { level: 'debug' } });
    hear({ id: 3, result: {} });
    const sink = a.call(9);
    for (const level of ['debug', 'info', 'warning', 'emergency']) {
      hear({ method: 'notifications/message', params: { level, data: 'x' } });
    }
    expect(sink.messages.map(({ params }) => params?.level)).toEqual(['warning', 'emergency']);
    expect(multiplexer.counters.dropped.belowLevel).toBe(2);
  });

  it('a refused one counts for nothing, an unknown one is not forwarded', () => {
    const { transport, hear, session } = multiplexerRig();
    const a = session('a');
    expect(a.call(1, 'logging/setLevel', { level: 'loud' }).outcomes).toMatchObject([
      { error: { code: -32602 } },
    ]);
    const sink = a.call(2, 'logging/setLevel', { level: 'error' });
    hear({ id: 2, error: { code: -32601, message: 'no logging' } });
    expect(sink.outcomes).toMatchObject([{ id: 2, error: { code: -32601 } }]);
    hear({ method: 'notifications/message', params: { level: 'debug' } });
    expect(a.delivered).toHaveLength(1);
    a.call(3, 'logging/setLevel', { level: 'error' });
    expect(transport.sent).toHaveLength(2);
  });
});

describe('subscriptions are counted per URI', () => {
  const uri = 'file:///x';
  const updated = { method: 'notifications/resources/updated', params: { uri } };

  it('the backend hears of the first and of the last; updates go to subscribers only (invariant 8)', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const [a, b, c] = [session('a'), session('b'), session('c')];
    a.call(1, 'resources/subscribe', { uri });
    hear({ id: 2, result: {} });
    expect(b.call(1, 'resources/subscribe', { uri }).outcomes).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
    ]);
    expect(transport.sent).toHaveLength(1);
    hear(updated);
    expect([a, b, c].map(({ delivered }) => delivered.length)).toEqual([1, 1, 0]);
    expect(c.call(1, 'resources/unsubscribe', { uri }).outcomes).toMatchObject([{ result: {} }]);
    expect(a.call(2, 'resources/unsubscribe', { uri }).outcomes).toMatchObject([{ result: {} }]);
    expect(transport.sent).toHaveLength(1);
    hear(updated);
    expect([a, b, c].map(({ delivered }) => delivered.length)).toEqual([1, 2, 0]);
    b.call(2, 'resources/unsubscribe', { uri });
    expect(transport.last).toMatchObject({ id: 3, method: 'resources/unsubscribe', params: { uri } });
    hear(updated);
    expect(multiplexer.counters.dropped.notSubscribed).toBe(1);
    a.call(3, 'resources/subscribe', { uri });
    expect(transport.last).toMatchObject({ id: 4, method: 'resources/subscribe' });
  });

  it('the last one’s end unsubscribes, also when its subscribing was under way', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    a.call(1, 'resources/subscribe', { uri });
    b.call(1, 'resources/subscribe', { uri });
    hear({ id: 2, result: {} });
    a.lane.close();
    expect(transport.sent.map(({ method }) => method)).toEqual([
      'resources/subscribe',
      'resources/subscribe',
    ]);
    b.lane.close();
    expect(transport.last).toMatchObject({ method: 'resources/unsubscribe', params: { uri } });
    expect(multiplexer.load).toBe(0);
    hear({ id: transport.last.id, result: {} });
    expect(multiplexer.counters.dropped.unknownId).toBe(0);
  });

  it.each([
    ['the first of two attempts is given up', ['subscribe', 'subscribe'], 1, [3]],
    ['the second of two attempts is given up', ['subscribe', 'subscribe'], 2, [2]],
    ['the second is given up after the first was answered', ['subscribe', 'subscribe'], 2, []],
    ['one is given up that it had taken back since', ['subscribe', 'unsubscribe', 'subscribe'], 1, [4]],
  ])('a session that tries again stays subscribed when %s', (_name, methods, abandoned, answered) => {
    const { transport, hear, session } = multiplexerRig();
    const a = session('a');
    for (const [at, method] of methods.entries()) a.call(at + 1, `resources/${method}`, { uri });
    if (answered.length === 0) hear({ id: 2, result: {} });
    a.lane.abandon(abandoned);
    for (const id of answered) hear({ id, result: {} });
    hear(updated);
    expect(a.delivered).toHaveLength(1);
    const unsubscribed = transport.sent.filter(({ method }) => method === 'resources/unsubscribe');
    expect(unsubscribed).toHaveLength(methods.includes('unsubscribe') ? 1 : 0);
  });

  it('a refused one is none', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const a = session('a');
    a.call(1, 'resources/subscribe', { uri });
    hear({ id: 2, error: { code: -32002, message: 'no such resource' } });
    hear(updated);
    expect(a.delivered).toEqual([]);
    expect(multiplexer.load).toBe(0);
    expect(transport.sent).toHaveLength(1);
  });

  it('are bounded in number and length, and their URI is a string (invariant 10)', () => {
    const { transport, session } = multiplexerRig({ maxSubscriptions: 1 });
    const a = session('a');
    a.call(1, 'resources/subscribe', { uri });
    expect(a.call(2, 'resources/subscribe', { uri: 'y' }).outcomes).toMatchObject([{ kind: 'overloaded' }]);
    for (const [id, wrong] of [
      [3, ['x']],
      [4, 'x'.repeat(8_193)],
    ] as const) {
      expect(a.call(id, 'resources/unsubscribe', { uri: wrong }).outcomes).toMatchObject([
        { error: { code: -32602 } },
      ]);
    }
    expect(transport.sent).toHaveLength(1);
  });
});
