import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../../src/backends/multiplexer/calls.ts';
import { ownMeta, SUBSCRIPTION_ID_KEY } from '../../../src/backends/rpc/meta.ts';
import { meta, VERSION } from '../../support/modern.ts';
import { multiplexerRig } from '../../support/multiplexer.ts';

const own = ownMeta(VERSION, '1.2.3');
const modernRig = (limits = {}) => multiplexerRig(limits, own);
const asking = (logLevel: string) => ({ _meta: { ...meta, 'io.modelcontextprotocol/logLevel': logLevel } });
const log = (level: string, data = 'x') => ({ method: 'notifications/message', params: { level, data } });
const tagged = (method: string, id: unknown, params: object = {}) => ({
  method,
  params: { ...params, _meta: { [SUBSCRIPTION_ID_KEY]: id } },
});
const changed = 'notifications/tools/list_changed';

describe('a lane of the modern era', () => {
  it('rewrites ids and progress tokens; all else passes byte for byte, what needs several rounds included', () => {
    const { transport, session, multiplexer } = modernRig();
    const a = session('a');
    const params =
      '{"_meta":{"progressToken":"t","k":12345678901234567890},"requestState":"s","inputResponses":{"id":1}}';
    a.say(`{"jsonrpc":"2.0","id":"mine","method":"tools/call","params":${params}}`);
    expect(transport.texts).toEqual([
      `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":${params.replace('"t"', '2')}}`,
    ]);
    const sink = session('b').call(7, 'tools/call', {});
    multiplexer.onMessage('{"jsonrpc":"2.0","id":3,"result":{"inputRequests":{"id":{}},"requestState":"s"}}');
    expect(sink.outcomes).toEqual([
      { jsonrpc: '2.0', id: 7, result: { inputRequests: { id: {} }, requestState: 's' } },
    ]);
  });

  it('hands the headers that repeat arguments to the transport', () => {
    const { transport, multiplexer } = modernRig();
    const sent: unknown[] = [];
    transport.send = (_text, headers) => sent.push(headers);
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} });
    const mirrored = { 'mcp-param-region': 'us' };
    const session = multiplexer.open({ id: 'a', capabilities: {}, deliver: () => false });
    session.request({ kind: 'request', id: 1, method: 'tools/call', text, mirrored }, NOBODY);
    expect(sent).toEqual([mirrored]);
  });

  it('leaves to the backend what other eras had: initialize, log levels, subscriptions per URI', () => {
    const { transport, session } = modernRig();
    const methods = [
      'initialize',
      'logging/setLevel',
      'resources/subscribe',
      'resources/unsubscribe',
      'ping',
    ];
    for (const method of methods) session(method).call(1, method, {});
    expect(transport.sent.map(({ method }) => method)).toEqual(methods);
  });

  it('cancels with metadata of its own, so that no backend takes it for a legacy message', () => {
    const { transport, session } = modernRig();
    const a = session('a');
    a.call('q');
    a.lane.abandon('q');
    expect(transport.last).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: 2, _meta: own },
    });
  });

  it('asks on its own behalf with metadata', async () => {
    const { transport, multiplexer, hear } = modernRig();
    const answer = multiplexer.ask('tools/list', { cursor: 'c' }, 1_000);
    expect(transport.last.params).toEqual({ cursor: 'c', _meta: own });
    hear({ id: transport.last.id, result: {} });
    expect(await answer).toMatchObject({ result: {} });
  });

  it('drops what no request can be meant by, and requests of the backend, and counts them (invariant 8)', () => {
    const { transport, session, hear, multiplexer } = modernRig();
    const a = session('a', { sampling: {} });
    const sink = a.call(1, 'tools/call', { _meta: { progressToken: 't' } });
    hear({ method: changed });
    hear({ method: 'notifications/resources/updated', params: { uri: 'a:b' } });
    hear({ method: 'notifications/unheard-of' });
    hear({ id: 9, method: 'sampling/createMessage', params: {} });
    hear({ method: 'notifications/progress', params: { progressToken: 't', progress: 1 } });
    expect([sink.messages, a.delivered]).toEqual([[], []]);
    expect(multiplexer.counters.dropped).toMatchObject({ noOwner: 4, unknownToken: 1 });
    expect(transport.sent).toHaveLength(1);
  });

  it('passes a client’s notification on only with a version of its own, and no cancellation', () => {
    const { transport, session, multiplexer } = modernRig();
    const a = session('a');
    a.say({ method: 'notifications/x', params: {} });
    a.say({ method: 'notifications/cancelled', params: { requestId: 2, _meta: meta } });
    expect(transport.sent).toEqual([]);
    expect(multiplexer.counters.dropped).toMatchObject({ strayNotification: 1, unknownCancel: 1 });
    a.say({ method: 'notifications/x', params: { _meta: meta } });
    expect(transport.sent).toMatchObject([{ method: 'notifications/x' }]);
  });
});

describe('subscriptions/listen', () => {
  const listen = 'subscriptions/listen';
  const filter = { notifications: { toolsListChanged: true } };

  it('gets what carries its id, under the client’s own id, and nothing else does (invariant 8)', () => {
    const { transport, session, hear, multiplexer } = modernRig();
    const sinks = [session('a').call(1, listen, filter), session('b').call(1, listen, filter)];
    const call = session('c').call(1);
    const [first, second, third] = transport.sent.map(({ id }) => id);
    hear(tagged('notifications/subscriptions/acknowledged', second, filter));
    hear(tagged(changed, second));
    hear(tagged(changed, third));
    hear(tagged(changed, String(first)));
    expect(sinks[0]?.messages).toEqual([]);
    expect(call.messages).toEqual([]);
    expect(sinks[1]?.messages).toMatchObject([
      {
        method: 'notifications/subscriptions/acknowledged',
        params: { ...filter, _meta: { [SUBSCRIPTION_ID_KEY]: 1 } },
      },
      { method: changed, params: { _meta: { [SUBSCRIPTION_ID_KEY]: 1 } } },
    ]);
    expect(multiplexer.counters.dropped.notSubscribed).toBe(2);
  });

  it('has no time limit, and counts as load until it ends', () => {
    const { session, clock, multiplexer, transport } = modernRig({ requestTimeoutMs: 1_000 });
    const a = session('a');
    const sink = a.call(1, listen, filter);
    const other = session('b').call(1);
    clock.increment(5_000);
    expect(other.outcomes).toMatchObject([{ kind: 'timeout' }]);
    expect([sink.outcomes, multiplexer.load]).toEqual([[], 1]);
    a.lane.abandon(1);
    expect(multiplexer.load).toBe(0);
    expect(transport.last).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 2 } });
  });

  it('ends with the result of the backend, in which the id is the client’s, too', () => {
    const { session, hear } = modernRig();
    const sink = session('a').call('mine', listen, filter);
    hear({ id: 2, result: { resultType: 'complete', _meta: { x: 1, [SUBSCRIPTION_ID_KEY]: 2 } } });
    expect(sink.outcomes).toEqual([
      {
        jsonrpc: '2.0',
        id: 'mine',
        result: { resultType: 'complete', _meta: { x: 1, [SUBSCRIPTION_ID_KEY]: 'mine' } },
      },
    ]);
  });

  it('ends with a result when the backend cancels it; other calls are not cancelled so', () => {
    const { session, hear, multiplexer } = modernRig();
    const sink = session('a').call('mine', listen, filter);
    const other = session('b').call(1);
    hear({ method: 'notifications/cancelled', params: { requestId: 2 } });
    hear({ method: 'notifications/cancelled', params: { requestId: 3 } });
    hear({ method: 'notifications/cancelled', params: { requestId: 2 } });
    expect(sink.outcomes).toMatchObject([
      { id: 'mine', result: { _meta: { [SUBSCRIPTION_ID_KEY]: 'mine' } } },
    ]);
    expect(other.outcomes).toEqual([]);
    expect(multiplexer.counters.dropped.unknownCancel).toBe(2);
  });

  it('fails when the backend is lost, and past its bound (invariants 3, 10)', () => {
    const { session, multiplexer } = modernRig({ maxSubscriptions: 1 });
    const sink = session('a').call(1, listen, filter);
    expect(session('b').call(1, listen, filter).outcomes).toMatchObject([{ kind: 'overloaded' }]);
    multiplexer.lose({ message: 'exited' });
    expect(sink.outcomes).toMatchObject([{ kind: 'lost' }]);
  });

  it('is asked for by the gateway to learn of changed tools, which is no load', () => {
    const { transport, multiplexer, hear } = modernRig();
    multiplexer.watchTools();
    expect(transport.last).toMatchObject({ method: listen, params: { ...filter, _meta: own } });
    expect([multiplexer.tools.revision, multiplexer.load]).toEqual([0, 0]);
    expect(multiplexer.inFlight).toBe(0);
    hear(tagged('notifications/subscriptions/acknowledged', 2, filter));
    hear(tagged(changed, 2));
    expect(multiplexer.tools.revision).toBe(1);
  });
});

describe('log messages of the modern era', () => {
  it('go to the only request that asked for them, from its level on', () => {
    const { session, hear, multiplexer } = modernRig();
    const sink = session('a').call(1, 'tools/call', asking('warning'));
    const silent = session('b').call(1);
    hear(log('info'));
    hear(log('error'));
    expect(sink.messages).toMatchObject([{ params: { level: 'error' } }]);
    expect(silent.messages).toEqual([]);
    expect(multiplexer.counters.dropped.belowLevel).toBe(1);
  });

  it('reach nobody when nobody asked, or several did (invariant 8)', () => {
    const { session, hear, multiplexer } = modernRig();
    const silent = session('a').call(1);
    hear(log('error'));
    const sinks = ['b', 'c'].map(name => session(name).call(1, 'tools/call', asking('debug')));
    hear(log('error'));
    expect([silent, ...sinks].flatMap(({ messages }) => messages)).toEqual([]);
    expect(multiplexer.counters.dropped.noOwner).toBe(2);
    hear({ id: 3, result: {} });
    hear(log('error', 'mine'));
    expect(sinks[1]?.messages).toMatchObject([{ params: { data: 'mine' } }]);
  });

  it('of a cancelled request reach no other: not before the backend answers what was sent after the cancellation', () => {
    const { transport, session, hear } = modernRig();
    const gone = session('a');
    gone.call(1, 'tools/call', asking('debug'));
    gone.lane.abandon(1);
    expect(transport.sent.map(({ method }) => method)).toEqual([
      'tools/call',
      'notifications/cancelled',
      'server/discover',
    ]);
    const fence = transport.last.id;
    const sink = session('b').call(1, 'tools/call', asking('debug'));
    hear(log('error', 'of the cancelled one'));
    hear({ id: fence, result: {} });
    hear(log('error', 'mine'));
    expect(sink.messages).toMatchObject([{ params: { data: 'mine' } }]);
  });

  it('one fence is under way at a time, and a later cancellation gets the next', () => {
    const { transport, session, hear } = modernRig();
    const cancel = (name: string) => {
      const a = session(name);
      a.call(1, 'tools/call', asking('debug'));
      a.lane.abandon(1);
    };
    const fences = () =>
      transport.sent.filter(({ method }) => method === 'server/discover').map(({ id }) => id);
    for (const name of ['a', 'b', 'c']) cancel(name);
    expect(fences()).toHaveLength(1);
    hear({ id: fences()[0], result: {} });
    expect(fences()).toHaveLength(2);
    const sink = session('d').call(1, 'tools/call', asking('debug'));
    hear(log('error'));
    hear({ id: fences()[1], error: { code: -32601, message: 'no' } });
    hear(log('error', 'mine'));
    expect(sink.messages).toMatchObject([{ params: { data: 'mine' } }]);
    expect(fences()).toHaveLength(2);
  });
});
