/** Each call is counted once, by how it ended (invariant 3). */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import type { Lane } from '../../../src/backends/backend.ts';
import { type Deferred, deferred } from '../../support/deferred.ts';
import { type FrontApp, frontApp } from '../../support/front-app.ts';
import { HttpSseClient, request, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest } from '../../support/modern.ts';

type Hold = Deferred<Lane>;

const failure = { reason: 'why', delivered: true };

/** What was counted, without what was not. */
function counted({ meters }: FrontApp) {
  const total = [...Array.from(meters.callDuration.counts)].reduce((sum, count) => sum + count, 0);
  const calls = Object.fromEntries(Object.entries(meters.calls).filter(([, count]) => count > 0));
  return { ...calls, total };
}

describe('how calls end', () => {
  it('given results, errors and failures on the Streamable HTTP front, then each is counted by its kind', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const ended = async (end: (call: Awaited<ReturnType<typeof front.lane.calls.next>>) => void) => {
      const reply = client.post(request(1));
      end(await front.lane.calls.next());
      await (await reply).text();
    };
    await ended(call => call.result({}));
    await ended(call => call.error(-32602, 'no such tool'));
    await ended(call => call.fail({ kind: 'timeout', ...failure }));
    await ended(call => call.fail({ kind: 'too large', ...failure }));
    await ended(call => call.fail({ kind: 'overloaded', ...failure }));
    await ended(call => call.fail({ kind: 'refused', ...failure }));
    await ended(() => front.lane.lose());
    expect(counted(front)).toEqual({
      ok: 2, // with initialize
      error: 1,
      timeout: 1,
      too_large: 1,
      overloaded: 1,
      rejected: 1,
      lost: 1,
      total: 8,
    });
    expect(front.meters.refusals).toMatchObject({ '0014': 1, '0009': 1, '0005': 3, '0001': 0 });
  });

  it('given a refusal before the backend, then requests are counted as refused and notifications are not', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    front.services.admission = () => {
      throw new Refusal('0002', 'cooling down', 1000);
    };
    await (await client.post(request(1))).text();
    await (await client.post({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' })).text();
    await (await new StreamableClient(front.origin).post(request(1))).text();
    expect(counted(front)).toEqual({ ok: 1, refused: 2, total: 3 });
    expect(front.meters.refusals).toMatchObject({ '0002': 2, '0011': 1 });
  });

  it.each([
    ['leaves the queue', (hold: Hold) => hold.reject(new Refusal('0003', 'the client hung up'))],
    ['is given its lane all the same', (hold: Hold, { lane }: FrontApp) => hold.resolve(lane)],
  ])(
    'given a client that hangs up while its request is held, and the request %s, then it is counted as cancelled',
    async (_what, settle) => {
      const front = await frontApp();
      const client = await new StreamableClient(front.origin).open();
      await front.services.demands.next();
      const hold = deferred<Lane>();
      front.services.admission = () => hold.promise;
      const abort = new AbortController();
      const reply = client.post(request(1), {}, abort.signal);
      const { signal } = await front.services.demands.next();
      const gone = once(signal, 'abort');
      abort.abort();
      await Promise.all([gone, expect(reply).rejects.toThrow()]);
      settle(hold, front);
      await hold.promise.catch(() => undefined);
      await new Promise(resolve => setImmediate(resolve));
      expect(counted(front)).toEqual({ ok: 1, cancelled: 1, total: 2 });
    },
  );

  it('given the HTTP+SSE front, then a call is counted when its outcome goes to the stream', async () => {
    const front = await frontApp();
    const client = await (await HttpSseClient.connect(front.origin)).open();
    await (await client.post(request(1))).text();
    const call = await front.lane.calls.next();
    expect(counted(front)).toEqual({ ok: 1, total: 1 });
    call.error(-32602, 'no such tool');
    await client.stream.message();
    await (await client.post(request(2))).text();
    await front.lane.calls.next();
    front.lane.lose();
    await client.stream.message();
    expect(counted(front)).toEqual({ ok: 1, error: 1, lost: 1, total: 3 });
  });

  it('given the modern era, then a call that is cancelled by its client is counted, and a subscription is no call', async () => {
    const front = await frontApp();
    const lane = front.lane as { handshake: object };
    lane.handshake = { ...front.lane.handshake, era: 'modern', protocolVersion: '2026-07-28' };
    const client = new StreamableClient(front.origin);
    const list = modernRequest('a', 'tools/list');
    const listen = modernRequest('b', 'subscriptions/listen', { notifications: {} });
    const answered = client.post(list, modernHeaders(list));
    (await front.lane.calls.next()).result({ tools: [] });
    await (await answered).text();
    for (const message of [list, listen]) {
      const abort = new AbortController();
      const reply = client.post(message, modernHeaders(message), abort.signal);
      await front.lane.calls.next();
      abort.abort();
      await expect(reply).rejects.toThrow();
      await front.lane.abandoned.next();
    }
    expect(counted(front)).toEqual({ ok: 1, cancelled: 1, total: 2 });
  });

  it('given a reader that does not read, then its end is counted', async () => {
    const front = await frontApp({ maxBufferedBytes: 1024 });
    const client = await new StreamableClient(front.origin).open();
    const stream = await client.get();
    const session = front.lane.sessions.at(-1);
    const text = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: 'x'.repeat(65_536),
    });
    while (front.meters.stalledReaders === 0) {
      session?.port.deliver(text);
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(front.meters.stalledReaders).toBe(1);
    await stream.body?.cancel();
  });
});
