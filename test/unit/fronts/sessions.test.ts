import { describe, expect, test } from 'vitest';
import type { Outlet, Session, SessionSink } from '../../../src/http/sessions/session.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { claim, sessionRegistry as registry } from '../../support/sessions.ts';

const introduction = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: null };

class Sink implements SessionSink {
  callPlace: SessionSink['callPlace'] = null;
  readonly outcomes: string[] = [];
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  message(): void {}

  result(): void {
    this.#settle('result');
  }

  fail({ kind }: { kind: string }): void {
    this.#settle(kind);
  }

  #settle(outcome: string): void {
    this.outcomes.push(outcome);
    this.#session.settled(this);
  }
}

class Stream implements Outlet {
  ended = false;

  send(): boolean {
    return !this.ended;
  }

  end(): void {
    this.ended = true;
  }
}

const message = { kind: 'request', id: 1, method: 'tools/list', text: '{}' } as const;

describe('the registry', () => {
  test('invariant 8: finds a session for its own service, front and owner only', () => {
    const { sessions } = registry();
    const session = sessions.create(claim('http+sse'), null);
    expect(sessions.find(session.id, claim('http+sse'))).toBe(session);
    expect(sessions.find(session.id, { ...claim('http+sse'), serviceId: 'other' })).toBeUndefined();
    expect(sessions.find(session.id, claim('streamable-http'))).toBeUndefined();
    expect(sessions.find(session.id, { ...claim('http+sse'), owner: 'token:other' })).toBeUndefined();
  });

  test('invariant 10: opens maxSessions, then refuses with 0009 until one ends', () => {
    const { sessions } = registry({ maxSessions: 2 });
    const first = sessions.create(claim('streamable-http'), introduction);
    sessions.create(claim('streamable-http'), introduction);
    const create = () => sessions.create(claim('streamable-http'), introduction);
    expect(create).toThrow(expect.objectContaining({ code: '0009', retryAfterMs: expect.any(Number) }));
    sessions.end(first, 'test');
    expect(create).not.toThrow();
  });

  test('ends a session without requests for sessionIdleMs, not one that is used', () => {
    const { sessions, clock } = registry({ sessionIdleMs: 60_000 });
    const idle = sessions.create(claim('streamable-http'), introduction);
    const used = sessions.create(claim('streamable-http'), introduction);
    clock.increment(45_000);
    sessions.find(used.id, claim('streamable-http'));
    clock.increment(15_000);
    expect([idle.ended, used.ended, sessions.size]).toEqual([true, false, 1]);
  });

  test('a session with an open stream or an unanswered call is not idle; its time runs from their end', () => {
    const { sessions, clock } = registry({ sessionIdleMs: 60_000 });
    const streaming = sessions.create(claim('streamable-http'), introduction);
    const calling = sessions.create(claim('streamable-http'), introduction);
    const stream = new Stream();
    streaming.attach(stream);
    const sink = new Sink(calling);
    calling.call(new FakeLane(), message, sink);
    for (let minute = 0; minute < 60; minute++) clock.increment(60_000);
    expect([streaming.ended, calling.ended]).toEqual([false, false]);
    streaming.detach(stream);
    sink.result();
    clock.increment(45_000);
    expect([streaming.ended, calling.ended]).toEqual([false, false]);
    clock.increment(15_000);
    expect([streaming.ended, calling.ended]).toEqual([true, true]);
  });

  test('a record is plain data: what is read back is what was stored', () => {
    const { sessions } = registry();
    const { record } = sessions.create(claim('streamable-http'), introduction);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });

  test('after drain it opens no session, and idle streams are closed', () => {
    const { sessions } = registry();
    const [idle, calling] = [new Stream(), new Stream()];
    sessions.create(claim('http+sse'), null).attach(idle);
    const session = sessions.create(claim('http+sse'), null);
    session.attach(calling);
    const sink = new Sink(session);
    session.call(new FakeLane(), message, sink);
    sessions.drain();
    expect([idle.ended, calling.ended]).toEqual([true, false]);
    sink.result();
    expect(calling.ended).toBe(true);
    const late = new Stream();
    session.attach(late);
    expect(late.ended).toBe(true);
    expect(() => sessions.create(claim('http+sse'), null)).toThrow(expect.objectContaining({ code: '0009' }));
  });
});

describe('a session', () => {
  test.each([true, false])(
    'invariant 3: its end fails every open call once (lane fails them itself: %s)',
    failsOnClose => {
      const { sessions } = registry();
      const session = sessions.create(claim('streamable-http'), introduction);
      const lane = new FakeLane();
      lane.failsOnClose = failsOnClose;
      const sinks = [new Sink(session), new Sink(session)];
      for (const sink of sinks) session.call(lane, message, sink);
      sessions.end(session, 'test');
      sessions.end(session, 'again');
      expect(sinks.map(sink => sink.outcomes)).toEqual([['closed'], ['closed']]);
      expect(session.busy).toBe(false);
    },
  );

  test('enters a lane once, and leaves it for the next one with its open calls failed', () => {
    const { sessions } = registry();
    const session = sessions.create(claim('streamable-http'), introduction);
    const [first, second] = [new FakeLane(), new FakeLane({ generation: 2 })];
    const [old, fresh] = [new Sink(session), new Sink(session)];
    session.call(first, message, old);
    session.on(first);
    session.call(second, message, fresh);
    expect([first.sessions.length, second.sessions.length]).toEqual([1, 1]);
    expect([old.outcomes, fresh.outcomes]).toEqual([['closed'], []]);
  });

  test('what a lane throws leaves no call behind', () => {
    const { sessions } = registry();
    const session = sessions.create(claim('streamable-http'), introduction);
    const lane = new FakeLane();
    lane.answer = () => {
      throw new Error('broken');
    };
    expect(() => session.call(lane, message, new Sink(session))).toThrow('broken');
    expect(session.busy).toBe(false);
  });

  test('remembers a log level that the backend granted and that exists', () => {
    const { sessions } = registry();
    const session = sessions.create(claim('streamable-http'), introduction);
    const lane = new FakeLane();
    const set = (params: unknown, granted = true) => {
      lane.answer = granted ? call => call.result({}) : call => call.error(-32602, 'no');
      const text = JSON.stringify({ params });
      session.call(lane, { kind: 'request', id: 1, method: 'logging/setLevel', text }, new Sink(session));
    };
    set({ level: 'error' });
    set({ level: 'debug' }, false);
    set({ level: 'loud' });
    set(null);
    expect(session.record.logLevel).toBe('error');
  });

  test('asks a new lane for its log level and subscriptions, and passes on what comes meanwhile', () => {
    const { sessions } = registry();
    const session = sessions.create(claim('streamable-http'), introduction);
    const [first, second] = [new FakeLane(), new FakeLane({ generation: 2 })];
    first.answer = call => call.result({});
    const ask = (method: string, params: object) =>
      session.call(
        first,
        { kind: 'request', id: 1, method, text: JSON.stringify({ params }) },
        new Sink(session),
      );
    ask('logging/setLevel', { level: 'error' });
    for (const uri of ['a:1', 'a:2', 'a:1', 'a:3']) ask('resources/subscribe', { uri });
    ask('resources/unsubscribe', { uri: 'a:2' });
    const asked: [string, object][] = [];
    second.answer = call => {
      asked.push([call.request.method, call.params()]);
      call.message({ method: 'notifications/message' });
    };
    const sent: string[] = [];
    session.attach({ send: text => sent.push(text) > 0, end() {} });
    session.on(second);
    expect(asked).toEqual([
      ['logging/setLevel', { level: 'error' }],
      ['resources/subscribe', { uri: 'a:1' }],
      ['resources/subscribe', { uri: 'a:3' }],
    ]);
    expect(sent.length).toBe(3);
  });
});
