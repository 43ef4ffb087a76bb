import { describe, expect, it } from 'vitest';
import type { ReplySink } from '../../../src/backends/backend.ts';
import { TransportFull } from '../../../src/backends/transport.ts';
import { multiplexerRig, RecordingSink } from '../../support/multiplexer.ts';

describe('calls of many sessions on one lane', () => {
  it('answers each session under its own id, string as string and number as number (invariant 8)', () => {
    const { transport, hear, session } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    const [number, string, other] = [a.call(1), a.call('1'), b.call(1)];
    const ids = transport.sent.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
    for (const id of [...ids].reverse()) hear({ id, result: { from: id } });
    expect(number.outcomes).toEqual([{ jsonrpc: '2.0', id: 1, result: { from: ids[0] } }]);
    expect(string.outcomes).toEqual([{ jsonrpc: '2.0', id: '1', result: { from: ids[1] } }]);
    expect(other.outcomes).toEqual([{ jsonrpc: '2.0', id: 1, result: { from: ids[2] } }]);
  });

  it('given a long request and its long answer, then a transport and a sink that take no pieces get them as text', () => {
    const { transport, hear, session } = multiplexerRig();
    const long = 'é'.repeat(20_000);
    const sink = session('s').call('mine', 'tools/call', { name: 'x', arguments: { long } });
    expect(transport.last).toMatchObject({ id: 2, params: { arguments: { long } } });
    hear({ id: 2, result: { long } });
    expect(sink.outcomes).toEqual([{ jsonrpc: '2.0', id: 'mine', result: { long } }]);
  });

  it('given a transport and a sink that take pieces, then long messages reach them undecoded, with the other id', () => {
    const { transport, hear, session } = multiplexerRig();
    const sent: string[] = [];
    const answered: [string, boolean][] = [];
    Object.assign(transport, {
      sendPieces: (pieces: readonly Buffer[]) => sent.push(Buffer.concat(pieces).toString()),
    });
    const sink: ReplySink = {
      message: () => expect.unreachable(),
      result: () => expect.unreachable(),
      resultInPieces: (pieces, failed) => answered.push([Buffer.concat(pieces).toString(), failed]),
      fail: () => expect.unreachable(),
    };
    const data = 'x'.repeat(20_000);
    session('s').say(
      { id: 'mine', method: 'tools/call', params: { _meta: { progressToken: 'p' }, data } },
      sink,
    );
    expect(sent.map(text => JSON.parse(text))).toEqual([
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { _meta: { progressToken: 2 }, data } },
    ]);
    hear({ id: 2, error: { code: 1, message: data } });
    expect(answered).toEqual([
      [JSON.stringify({ jsonrpc: '2.0', id: 'mine', error: { code: 1, message: data } }), true],
    ]);
  });
  it('passes everything but id and token through byte for byte, both ways', () => {
    const { transport, multiplexer, session } = multiplexerRig();
    const sink = new RecordingSink();
    const params = '{ "z":1,"a":12345678901234567890,"_meta" : {"progressToken":"t","x":"\\u4f60"}}';
    session('a').say(`{"method":"tools/call","params":${params},"id":"mine","jsonrpc":"2.0"}`, sink);
    const ours = params.replace('"t"', '2');
    expect(transport.texts).toEqual([`{"method":"tools/call","params":${ours},"id":2,"jsonrpc":"2.0"}`]);
    multiplexer.onMessage('{"result":{"n":12345678901234567890.0, "id":2},"jsonrpc":"2.0","id":2}');
    expect(sink.resultTexts).toEqual([
      '{"result":{"n":12345678901234567890.0, "id":2},"jsonrpc":"2.0","id":"mine"}',
    ]);
  });

  it('sends progress to the call it belongs to, under the client’s own token (invariant 8)', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const sinks = ['a', 'b'].map(name =>
      session(name).call(1, 'tools/call', { _meta: { progressToken: 'same' } }),
    );
    const silent = session('c').call(1);
    const tokens = transport.sent.map(({ params }) => params?._meta?.progressToken);
    expect(new Set(tokens).size).toBe(3);
    hear({ method: 'notifications/progress', params: { progressToken: tokens[1], progress: 1 } });
    hear({ method: 'notifications/progress', params: { progressToken: 'same', progress: 2 } });
    hear({ method: 'notifications/progress', params: { progressToken: transport.sent[2]?.id, progress: 3 } });
    expect(sinks[0]?.messages).toEqual([]);
    expect(sinks[1]?.messages).toMatchObject([{ params: { progressToken: 'same', progress: 1 } }]);
    expect(silent.messages).toEqual([]);
    expect(multiplexer.counters.dropped.unknownToken).toBe(2);
  });

  it('gives a numeric token back with all its digits', () => {
    const { transport, hear, session } = multiplexerRig();
    const texts: string[] = [];
    const sink: ReplySink = { message: text => texts.push(text), result() {}, fail() {} };
    session('a').say(
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":12345678901234567890}}}',
      sink,
    );
    hear({ method: 'notifications/progress', params: { progressToken: transport.last.id } });
    expect(texts.join()).toContain('"progressToken":12345678901234567890}');
  });

  it('drops answers that are late, repeated or made up (invariants 3, 8)', () => {
    const { transport, hear, session, multiplexer } = multiplexerRig();
    const sink = session('a').call(1);
    const id = transport.last.id;
    hear({ id: String(id), result: {} });
    hear({ id: 999, result: {} });
    hear({ id, result: { first: true } });
    hear({ id, result: { second: true } });
    expect(sink.outcomes).toEqual([{ jsonrpc: '2.0', id: 1, result: { first: true } }]);
    expect(multiplexer.counters.dropped.unknownId).toBe(3);
  });

  it('refuses an id of the session’s that is under way, and takes it again after its answer', () => {
    const { transport, hear, session } = multiplexerRig();
    const a = session('a');
    const first = a.call(1);
    expect(a.call(1).outcomes).toMatchObject([{ id: 1, error: { code: -32600 } }]);
    expect(transport.sent).toHaveLength(1);
    hear({ id: transport.last.id, result: {} });
    expect(first.outcomes).toHaveLength(1);
    a.call(1);
    expect(transport.sent).toHaveLength(2);
  });

  it.each(['initialize', 'notifications/cancelled', 'notifications/anything'])(
    'never forwards a request %s',
    method => {
      const { transport, session } = multiplexerRig();
      const sink = session('a').call(1, method, { requestId: 2 });
      expect(sink.outcomes).toMatchObject([{ id: 1, error: {} }]);
      expect(transport.sent).toEqual([]);
    },
  );

  it('forwards no notification that is a request by its method, and not `initialized`', () => {
    const { transport, session, multiplexer } = multiplexerRig();
    const a = session('a');
    a.say({ method: 'resources/unsubscribe', params: { uri: 'x' } });
    a.say({ method: 'notifications/initialized' });
    a.say({ method: 'notifications/roots/list_changed' });
    expect(transport.sent.map(({ method }) => method)).toEqual(['notifications/roots/list_changed']);
    expect(multiplexer.counters.dropped.strayNotification).toBe(1);
  });
});

describe('a call ends once (invariant 3)', () => {
  it('at its deadline, with a cancellation to the backend', () => {
    const { transport, clock, hear, session, multiplexer } = multiplexerRig({ requestTimeoutMs: 1_000 });
    const a = session('a');
    const early = a.call(1);
    clock.increment(400);
    const late = a.call(2);
    clock.increment(600);
    expect(early.outcomes).toMatchObject([{ kind: 'timeout', delivered: true }]);
    expect(late.outcomes).toEqual([]);
    expect(transport.last).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 2 } });
    hear({ id: 2, result: {} });
    clock.increment(400);
    expect(early.outcomes).toHaveLength(1);
    expect(late.outcomes).toMatchObject([{ kind: 'timeout' }]);
    expect(multiplexer.counters).toMatchObject({ timeouts: 2, dropped: { unknownId: 1 } });
    expect(multiplexer.load).toBe(0);
  });

  it('at its deadline even when it was made while another one’s was handled, and progress does not prolong it', () => {
    const { clock, hear, session } = multiplexerRig({ requestTimeoutMs: 1_000 });
    const a = session('a');
    const again = new RecordingSink();
    const retry: ReplySink = {
      message() {},
      result() {},
      fail: () => a.say({ id: 3, method: 'x', params: { _meta: { progressToken: 0 } } }, again),
    };
    a.say({ id: 1, method: 'x' }, retry);
    clock.increment(500);
    const second = a.call(2);
    clock.increment(500);
    clock.increment(500);
    expect(second.outcomes).toMatchObject([{ kind: 'timeout' }]);
    hear({ method: 'notifications/progress', params: { progressToken: 4, progress: 1 } });
    expect(again.messages).toHaveLength(1);
    clock.increment(500);
    expect(again.outcomes).toMatchObject([{ kind: 'timeout' }]);
  });

  it('when the backend is lost, and later calls fail undelivered', () => {
    const { transport, clock, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    const sinks = [a.call(1), a.call(2), b.call(1)];
    transport.exit('the backend exited (code 1)');
    multiplexer.lose({ message: 'the backend exited (code 1)' });
    multiplexer.lose({ message: 'again' });
    clock.increment(1e6);
    for (const { outcomes } of sinks) {
      expect(outcomes).toEqual([{ kind: 'lost', reason: 'the backend exited (code 1)', delivered: true }]);
    }
    expect(a.call(3).outcomes).toMatchObject([{ kind: 'lost', delivered: false }]);
  });

  it('when it cannot be written', () => {
    const { transport, session, multiplexer } = multiplexerRig();
    const a = session('a');
    transport.fault = new TransportFull('too much is waiting');
    expect(a.call(1).outcomes).toEqual([
      { kind: 'overloaded', reason: 'too much is waiting', delivered: false },
    ]);
    transport.exit('broken pipe');
    expect(a.call(1).outcomes).toEqual([{ kind: 'lost', reason: 'broken pipe', delivered: false }]);
    expect(multiplexer.load).toBe(0);
  });

  it('when its answer is too long, and only that call', () => {
    const { session, multiplexer } = multiplexerRig();
    const a = session('a');
    const [first, second, third] = [a.call(1), a.call(2), a.call(3)];
    multiplexer.onOversized(99, `{"jsonrpc":"2.0","id":3,"result":{"x":"${'y'.repeat(99)}`, '');
    expect(second.outcomes).toMatchObject([{ kind: 'too large', delivered: true }]);
    multiplexer.onOversized(99, `{"result":{"x":"${'y'.repeat(99)}`, '');
    expect([...first.outcomes, ...third.outcomes]).toEqual([]);
    expect(multiplexer.counters.dropped.oversized).toBe(1);
    a.lane.abandon(1);
    multiplexer.onOversized(99, `{"result":{"x":"${'y'.repeat(99)}`, '');
    expect(third.outcomes).toMatchObject([{ kind: 'too large' }]);
  });

  it.each([
    ['right before the end', (id: number) => `yyy"}]},"jsonrpc":"2.0","id":${id}}`],
    ['as the very last member', (id: number) => `yyy"}, "id" : ${id} }`],
  ])('when its answer is too long and has its id behind the result: %s', (_where, tailOf) => {
    const { session, multiplexer, transport } = multiplexerRig();
    const a = session('a');
    const [first, second] = [a.call(1), a.call(2)];
    const ids = transport.sent.map(({ id }) => Number(id));
    multiplexer.onOversized(99, `{"result":{"x":"${'y'.repeat(99)}`, tailOf(ids[1] ?? 0));
    expect([first.outcomes.length, second.outcomes.length]).toEqual([0, 1]);
    expect(second.outcomes).toMatchObject([{ kind: 'too large', delivered: true }]);
  });

  it('when its session closes', () => {
    const { transport, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    const [mine, other] = [a.call(1), b.call(1)];
    a.lane.close();
    a.lane.close();
    expect(mine.outcomes).toMatchObject([{ kind: 'closed', delivered: true }]);
    expect(transport.last).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 2 } });
    expect(a.call(2).outcomes).toMatchObject([{ kind: 'closed', delivered: false }]);
    expect(other.outcomes).toEqual([]);
    expect(multiplexer.load).toBe(1);
  });

  it('when its client cancels it; another session’s call with the same id goes on (invariant 8)', () => {
    const { transport, session, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    const [mine, other] = [a.call(1), b.call(1)];
    b.say({ method: 'notifications/cancelled', params: { requestId: 2, reason: 'foreign' } });
    b.say({ method: 'notifications/cancelled', params: { requestId: '1' } });
    expect(transport.sent).toHaveLength(2);
    expect(multiplexer.counters.dropped.unknownCancel).toBe(2);
    a.say({ method: 'notifications/cancelled', params: { reason: 'bored', requestId: 1 } });
    expect(transport.last).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { reason: 'bored', requestId: 2 },
    });
    expect(mine.outcomes).toMatchObject([{ kind: 'closed', delivered: true }]);
    expect(other.outcomes).toEqual([]);
  });

  it('in silence when it is abandoned', () => {
    const { transport, hear, session } = multiplexerRig();
    const a = session('a');
    const sink = a.call('x');
    a.lane.abandon('x');
    a.lane.abandon('x');
    hear({ id: 2, result: {} });
    expect(sink.outcomes).toEqual([]);
    expect(transport.sent).toHaveLength(2);
    expect(transport.last).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 2 } });
  });

  it('whatever another call’s sink throws', () => {
    const { session, multiplexer, faults } = multiplexerRig();
    const a = session('a');
    const broken: ReplySink = {
      message() {},
      result() {},
      fail: () => {
        throw new Error('broken sink');
      },
    };
    a.say({ id: 1, method: 'x' }, broken);
    const sink = a.call(2);
    multiplexer.lose({ message: 'gone' });
    expect(sink.outcomes).toHaveLength(1);
    expect(faults).toHaveLength(1);
  });
});

describe('bounds of a lane (invariant 10)', () => {
  it('calls under way', () => {
    const { hear, session } = multiplexerRig({ maxInFlight: 2 });
    const [a, b] = [session('a'), session('b')];
    a.call(1);
    b.call(1);
    expect(b.call(2).outcomes).toMatchObject([{ kind: 'overloaded', delivered: false }]);
    hear({ id: 2, result: {} });
    expect(b.call(2).outcomes).toEqual([]);
  });

  it('sessions', () => {
    const { session } = multiplexerRig({ maxSessions: 1 });
    const a = session('a');
    const b = session('b');
    expect(b.call(1).outcomes).toMatchObject([{ kind: 'overloaded', delivered: false }]);
    b.lane.close();
    a.lane.close();
    expect(session('c').call(1).outcomes).toEqual([]);
  });

  it('a progress token that is none is kept from the backend and not kept here', () => {
    const { transport, session } = multiplexerRig();
    session('a').call(1, 'x', { _meta: { progressToken: { huge: 'x'.repeat(5_000) } } });
    expect(transport.last.params?._meta?.progressToken).toBe(2);
  });
});

describe('what keeps a lane busy', () => {
  it('calls, streams and subscriptions do, the gateway’s own requests do not', async () => {
    const { clock, hear, session, multiplexer } = multiplexerRig();
    const a = session('a');
    const release = a.lane.holdOpen();
    a.lane.holdOpen();
    a.call(1, 'resources/subscribe', { uri: 'u' });
    expect([multiplexer.load, multiplexer.inFlight]).toEqual([4, 1]);
    hear({ id: 2, result: {} });
    expect([multiplexer.load, multiplexer.inFlight]).toEqual([3, 0]);
    release();
    release();
    expect(multiplexer.load).toBe(2);
    const asked = multiplexer.ask('ping', {}, 1_000);
    expect([multiplexer.load, multiplexer.inFlight]).toEqual([2, 0]);
    hear({ id: 3, error: { code: 1, message: 'no' } });
    await expect(asked).resolves.toMatchObject({ error: { code: 1 } });
    clock.increment(5);
    a.lane.close();
    expect(multiplexer.load).toBe(0);
    expect(multiplexer.lastUsedAt).toBe(5);
  });

  it('an unanswered question of the gateway’s own is taken back', async () => {
    const { transport, clock, multiplexer } = multiplexerRig();
    const asked = multiplexer.ask('tools/list', {}, 1_000);
    clock.increment(1_000);
    await expect(asked).rejects.toThrow('tools/list within 1000 ms');
    expect(transport.last).toMatchObject({ method: 'notifications/cancelled' });
  });
});
