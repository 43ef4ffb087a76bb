import { describe, expect, it, vi } from 'vitest';
import { multiplexerRig, type Rig, type TestSession } from '../../support/multiplexer.ts';

const TIMEOUT_MS = 1_000;
const log = { method: 'notifications/message', params: { level: 'info', data: 'secret of a' } };
const elicit = { id: 'e', method: 'elicitation/create', params: { message: 'password of a?' } };
const offering = { elicitation: {} };

/** What ends a call here while the backend goes on with it. */
const endings: [string, (rig: Rig, a: TestSession, id: number) => void][] = [
  ['cancelled', (_rig, a) => a.say({ method: 'notifications/cancelled', params: { requestId: 1 } })],
  ['abandoned by its client', (_rig, a) => a.lane.abandon(1)],
  ['out of time', ({ clock }) => clock.increment(TIMEOUT_MS)],
  ['left behind by a session that ended', (_rig, a) => a.lane.close()],
  [
    'cut off from its answer',
    ({ multiplexer }, _a, id) => multiplexer.onFailed(id, { kind: 'lost', reason: 'cut', delivered: true }),
  ],
];

/** A's call has ended here without an answer, and B is the only one with a call under way. */
function aftermath(end: (typeof endings)[number][1], limits = {}) {
  const rig = multiplexerRig({ requestTimeoutMs: TIMEOUT_MS, ...limits });
  const [a, b] = [rig.session('a', offering), rig.session('b', offering)];
  a.call(1);
  const late = Number(rig.transport.last.id);
  end(rig, a, late);
  return { rig, a, b, late, sink: b.call(1) };
}

describe('given a call of A that is %s, which the backend may go on with', () => {
  describe.each(endings)('%s', (_name, end) => {
    it('when the backend logs and asks, then B, who is busy, hears nothing of it (invariant 8)', () => {
      const { rig, a, b, sink } = aftermath(end);
      rig.hear(log);
      rig.hear(elicit);
      expect([...sink.messages, ...a.delivered, ...b.delivered]).toEqual([]);
      expect(rig.transport.last).toMatchObject({ id: 'e', error: { code: -32601 } });
      expect(rig.multiplexer.counters).toMatchObject({ refusedServerRequests: 1, dropped: { noOwner: 2 } });
    });

    it('when the backend answers it after all, then B is meant again', () => {
      const { rig, late, sink } = aftermath(end);
      rig.hear({ id: late, result: {} });
      rig.hear(log);
      expect(sink.messages).toHaveLength(1);
    });

    it('when the time for an answer has passed once more, then B is meant again', () => {
      const { rig, b } = aftermath(end);
      rig.clock.increment(TIMEOUT_MS - 1);
      const sink = b.call(2);
      rig.clock.increment(1);
      rig.hear(log);
      expect(sink.messages).toHaveLength(1);
    });
  });
});

describe('a call that ended here', () => {
  it('keeps from its own session nothing that it alone can be meant by', () => {
    const { hear, session } = multiplexerRig();
    const a = session('a', offering);
    a.call(1);
    a.lane.abandon(1);
    hear(elicit);
    const sink = a.call(2);
    hear(log);
    expect(a.delivered).toMatchObject([{ method: 'elicitation/create' }]);
    expect(sink.messages).toMatchObject([log]);
  });

  it('does not make its session the one that is meant while others are there', () => {
    const { hear, session } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    a.call(1);
    a.lane.abandon(1);
    hear(log);
    expect([...a.delivered, ...b.delivered]).toEqual([]);
  });

  it('counts for nothing when the backend has refused it, or never got it', () => {
    const { hear, session, transport, multiplexer } = multiplexerRig();
    const [a, b] = [session('a'), session('b')];
    for (const delivered of [true, false]) {
      a.call(1);
      const kind = delivered ? 'refused' : 'lost';
      multiplexer.onFailed(Number(transport.last.id), { kind, reason: 'HTTP 500', delivered });
    }
    const sink = b.call(1);
    hear(log);
    expect(sink.messages).toMatchObject([log]);
  });

  it('and whose answer was too long to be read has been answered', () => {
    const { rig, late, sink } = aftermath((_rig, a) => a.lane.abandon(1));
    rig.multiplexer.onOversized(1e9, `{"jsonrpc":"2.0","id":${late},"result":"${'x'.repeat(50)}`, '');
    rig.hear(log);
    expect(sink.messages).toMatchObject([log]);
    expect(rig.multiplexer.counters.dropped.oversized).toBe(1);
  });

  it('beyond the bound is not written down, so that for its time nobody can be meant (invariants 8, 10)', () => {
    const { rig, a, b, late, sink } = aftermath((_rig, one) => one.lane.abandon(1), { maxInFlight: 2 });
    for (const id of [2, 3]) {
      a.call(id);
      a.lane.abandon(id);
    }
    for (const id of [late, late + 2, late + 3]) rig.hear({ id, result: {} });
    rig.hear(log);
    expect(sink.messages).toEqual([]);
    rig.clock.increment(TIMEOUT_MS - 1);
    const later = b.call(2);
    rig.hear({ id: late + 1, result: {} });
    rig.clock.increment(1);
    rig.hear(log);
    expect(later.messages).toMatchObject([log]);
  });

  it('leaves no timer behind once the backend is lost', () => {
    const { clock, session, multiplexer } = multiplexerRig();
    const [set, cleared] = [vi.spyOn(clock, 'setTimeout'), vi.spyOn(clock, 'clearTimeout')];
    const a = session('a');
    a.call(1);
    a.lane.abandon(1);
    multiplexer.lose({ message: 'gone' });
    const timers = set.mock.results.map(({ value }) => [value]);
    expect(timers).toHaveLength(2);
    expect(cleared.mock.calls).toEqual(expect.arrayContaining(timers));
  });
});

it('given a remote that began a new session, then it can say nothing of calls of the old one', () => {
  const { rig, sink } = aftermath(({ multiplexer }, _a, id) => {
    multiplexer.onFailed(id, { kind: 'lost', reason: 'the session has ended', delivered: true });
    multiplexer.onRenewed();
  });
  rig.hear(log);
  expect(sink.messages).toHaveLength(1);
});
