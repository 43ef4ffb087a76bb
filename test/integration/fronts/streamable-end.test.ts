import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { deferred } from '../../support/deferred.ts';
import type { FakeLane } from '../../support/fake-lane.ts';
import { frontApp, streaming } from '../../support/front-app.ts';
import { request, StreamableClient } from '../../support/mcp-client.ts';

describe('DELETE', () => {
  test('ends the session: 200, its stream closes, its calls fail, it is unknown from then on', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    const pending = client.post(request(5));
    await front.lane.calls.next();
    const response = await client.delete();
    expect([response.status, await response.text()]).toEqual([200, '']);
    const failed = await pending;
    expect(failed.status).toBe(502);
    expect(await failed.json()).toMatchObject({ id: 5, error: { code: -32015, data: { delivered: true } } });
    expect(await reader.next()).toBeUndefined();
    expect([session.closed, session.holds]).toEqual([true, 0]);
    expect(front.fronts.sessions).toBe(0);
    expect((await client.post(request(6))).status).toBe(404);
    expect((await client.delete()).status).toBe(404);
  });

  test('without a session id is refused with 400; of a session whose service is refused it works', async () => {
    const front = await frontApp();
    const client = new StreamableClient(front.origin);
    expect((await client.delete()).status).toBe(400);
    await client.open();
    front.services.admission = () => {
      throw new Refusal('0006', 'it has ended');
    };
    expect((await client.delete()).status).toBe(200);
  });

  test('invariant 3: a call whose lane lets it lapse fails all the same', async () => {
    const front = await frontApp();
    front.lane.failsOnClose = false;
    const client = await new StreamableClient(front.origin).open();
    const pending = client.post(request(5));
    await front.lane.calls.next();
    await client.delete();
    expect((await pending).status).toBe(502);
  });

  test('a request that was held meanwhile is refused with 404 and not forwarded', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { promise, resolve } = deferred<FakeLane>();
    await front.services.demands.next();
    front.services.admission = () => promise;
    const pending = client.post(request(5));
    await front.services.demands.next();
    await client.delete();
    resolve(front.lane);
    const response = await pending;
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ id: 5, error: { code: -32001 } });
    expect(front.lane.calls.size).toBe(0);
  });
});

describe('hanging up', () => {
  test('before the reply is no cancel: the call goes on, its reply is dropped, nothing is left', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    await front.services.demands.next();
    const abort = new AbortController();
    const pending = client.post(request(1), {}, abort.signal);
    const call = await front.lane.calls.next();
    const { signal } = await front.services.demands.next();
    const gone = once(signal, 'abort');
    abort.abort();
    await expect(pending).rejects.toThrow();
    await gone;
    expect(call.session.closed).toBe(false);
    call.message({ method: 'notifications/progress' });
    call.result({});
    expect(front.lane.load).toBe(0);
    front.clock.increment(60_000);
    front.lane.answer = again => again.result({ again: true });
    expect(await (await client.post(request(1))).json()).toMatchObject({ result: { again: true } });
  });

  test('while it is held: the request leaves the queue and is never forwarded', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    await front.services.demands.next();
    const { promise, resolve } = deferred<FakeLane>();
    front.services.admission = () => promise;
    const abort = new AbortController();
    const pending = client.post(request(1), {}, abort.signal);
    const { signal } = await front.services.demands.next();
    const gone = once(signal, 'abort');
    abort.abort();
    await expect(pending).rejects.toThrow();
    await gone;
    resolve(front.lane);
    await promise;
    front.services.admission = () => front.lane;
    front.lane.answer = call => call.result({});
    await (await client.post(request(2))).text();
    expect(front.lane.sessions.length).toBe(1);
    expect(front.lane.calls.size).toBe(0);
  });
});

describe('closing the gateway', () => {
  test('closes idle streams at once, others when their calls have finished', async () => {
    const front = await frontApp();
    const idle = await streaming(front);
    const { client, reader } = await streaming(front);
    const pending = client.post(request(1));
    const call = await front.lane.calls.next();
    const closed = front.server.close();
    expect(await idle.reader.next()).toBeUndefined();
    call.result({ done: true });
    expect(await (await pending).json()).toMatchObject({ result: { done: true } });
    expect(await reader.next()).toBeUndefined();
    await closed;
    expect(front.fronts.sessions).toBe(0);
    expect(call.session.closed).toBe(true);
  });
});
