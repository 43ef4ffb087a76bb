import { describe, expect, it } from 'vitest';
import { multiplexerRig } from '../../support/multiplexer.ts';

const refused = { kind: 'refused', reason: 'HTTP 500', delivered: true } as const;

describe('what a remote transport tells besides messages', () => {
  it('one message failed: its call fails, once, and no other (invariant 3)', () => {
    const { transport, multiplexer, hear, session } = multiplexerRig();
    const [first, second] = [session('a').call(1), session('b').call(1)];
    const [one, two] = transport.sent.map(({ id }) => id);
    multiplexer.onFailed(one ?? null, refused);
    multiplexer.onFailed(one ?? null, refused);
    hear({ id: one, result: {} });
    expect(first.outcomes).toEqual([refused]);
    expect(second.outcomes).toEqual([]);
    hear({ id: two, result: {} });
    multiplexer.onFailed(two ?? null, refused);
    expect(second.outcomes).toMatchObject([{ id: 1, result: {} }]);
    multiplexer.onFailed(null, refused);
    expect(multiplexer.counters.dropped.notSent).toBe(1);
  });

  it('the backend has a new session: log level and subscriptions are said again, its own requests are withdrawn', () => {
    const { transport, multiplexer, hear, session } = multiplexerRig();
    const client = session('a', { sampling: {} });
    const said = (n: number) => transport.sent.at(n);
    client.call(1, 'logging/setLevel', { level: 'error' });
    hear({ id: said(-1)?.id, result: {} });
    for (const uri of ['file:///a', 'file:///b', 'file:///refused']) {
      client.call(uri, 'resources/subscribe', { uri });
      const answer = uri.endsWith('refused') ? { error: { code: -1, message: 'no' } } : { result: {} };
      hear({ id: said(-1)?.id, ...answer });
    }
    hear({ id: 'q', method: 'sampling/createMessage', params: {} });
    const asked = client.delivered.at(-1)?.id;
    const before = transport.sent.length;

    multiplexer.onRenewed();
    const again = () => transport.sent.slice(before).map(({ method, params }) => [method, params]);
    expect(again()).toEqual([
      ['logging/setLevel', { level: 'error' }],
      ['resources/subscribe', { uri: 'file:///a' }],
    ]);
    hear({ id: said(-1)?.id, error: { code: -1, message: 'gone' } });
    multiplexer.onFailed(said(-1)?.id ?? null, refused);
    expect(again().slice(2)).toEqual([['resources/subscribe', { uri: 'file:///b' }]]);
    expect(client.delivered.at(-1)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: asked },
    });
    client.say({ id: asked, result: {} });
    expect(multiplexer.counters.dropped.unknownServerRequest).toBe(1);
    hear({ method: 'notifications/resources/updated', params: { uri: 'file:///b' } });
    expect(client.delivered.at(-1)).toMatchObject({ params: { uri: 'file:///b' } });
  });
});
