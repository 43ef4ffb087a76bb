import { describe, expect, test } from 'vitest';
import type { ServiceListener } from '../../../src/actors/news.ts';
import { Refusal } from '../../../src/actors/refusal.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { type FrontApp, frontApp, streaming } from '../../support/front-app.ts';
import { initialize, request, SseReader, StreamableClient } from '../../support/mcp-client.ts';
import { memoryStores } from '../../support/sessions.ts';

const progress = (step: number) => ({ method: 'notifications/progress', params: { progress: step } });
const note = (n: number) =>
  JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { n } });

/** A call whose stream has begun with its first progress. */
async function streamedCall(front: FrontApp, client: StreamableClient, id: string | number = 7) {
  const pending = client.post(request(id));
  const call = await front.lane.calls.next();
  call.message(progress(1));
  const reader = new SseReader(await pending);
  const priming = await reader.any();
  const first = await reader.any();
  if (first?.id == null) throw new Error(`no id: ${JSON.stringify([priming, first])}`);
  return { call, reader, priming, first, lastId: first.id };
}

const resume = (client: StreamableClient, lastId: string | null | undefined) =>
  client.get({ 'last-event-id': lastId ?? '' });

/** All that is left of a stream, as messages. */
async function rest(response: Response): Promise<Record<string, unknown>[]> {
  const reader = new SseReader(response);
  const messages = [];
  for (let event = await reader.next(); event !== undefined; event = await reader.next())
    messages.push(JSON.parse(event.data));
  return messages;
}

describe('event ids and priming', () => {
  test('a stream begins with an event without data, with its id and the retry time (2025-11-25)', async () => {
    const front = await frontApp({ streamRetryMs: 1_234 });
    const client = await new StreamableClient(front.origin).open();
    const text = client.post(request(7)).then(response => response.text());
    const call = await front.lane.calls.next();
    call.message(progress(1));
    call.result({});
    const [priming = '', first = '', last = ''] = (await text).split('\n\n');
    expect(priming).toMatch(/^id: \S+\.0\nretry: 1234\nevent: message\ndata: $/);
    expect(first).toMatch(/^id: \S+\.1\nevent: message\ndata: \{/);
    expect(last).toMatch(/^id: \S+\.2e\nevent: message\ndata: \{/);
  });

  test('the standalone stream does, too, and ids of different streams differ', async () => {
    const front = await frontApp();
    const { reader, client, session } = await streaming(front);
    const priming = await reader.any();
    expect(priming).toMatchObject({ data: '', id: expect.stringMatching(/^g.*\.0$/) });
    session.port.deliver(note(1));
    expect((await reader.any())?.id).toBe(priming?.id?.replace(/0$/, '1'));
    expect((await streamedCall(front, client)).lastId).toMatch(/^c.*\.1$/);
  });

  test.each(['2025-06-18', '2025-03-26'])(
    'not for %s, whose clients choke on an empty event',
    async version => {
      const front = await frontApp();
      const client = new StreamableClient(front.origin);
      client.sessionId = (await client.post(initialize({}, version))).headers.get('mcp-session-id');
      const text = client.post(request(7)).then(response => response.text());
      const call = await front.lane.calls.next();
      call.message(progress(1));
      call.result({});
      expect(await text).toMatch(/^id: \S+\.1\nevent: message\ndata: \{.*\n\nid: \S+\.2e\n/);
    },
  );
});

describe('GET with Last-Event-ID: the stream of a call', () => {
  test('replays what came meanwhile and goes on with what still comes; hanging up was no cancel', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId } = await streamedCall(front, client);
    await reader.cancel();
    call.message(progress(2));
    call.message(progress(3));
    const again = new SseReader(await resume(client, lastId));
    expect(await again.any()).toMatchObject({ data: '', id: lastId });
    expect(await again.message()).toMatchObject({ params: { progress: 2 } });
    expect(await again.message()).toMatchObject({ params: { progress: 3 } });
    call.message(progress(4));
    expect(await again.message()).toMatchObject({ params: { progress: 4 } });
    call.result({ done: true });
    expect(await again.message()).toEqual({ jsonrpc: '2.0', id: 7, result: { done: true } });
    expect(await again.any()).toBeUndefined();
  });

  test('replays the outcome of a call that has ended, as often as it is asked for', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId, priming } = await streamedCall(front, client);
    await reader.cancel();
    call.result({ done: true });
    for (let turn = 0; turn < 2; turn++)
      expect(await rest(await resume(client, lastId))).toMatchObject([{ id: 7, result: { done: true } }]);
    expect(await rest(await resume(client, priming?.id))).toHaveLength(2);
  });

  test('behind the last event there is nothing to come: 204, which ends the reconnecting', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { call, reader } = await streamedCall(front, client);
    call.result({});
    const last = await reader.any();
    const response = await resume(client, last?.id);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await resume(client, last?.id?.replace(/e$/, ''))).status).toBe(204);
  });

  test('takes the stream over from a reader that is still there', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId } = await streamedCall(front, client);
    const again = new SseReader(await resume(client, lastId));
    expect(await reader.any()).toBeUndefined();
    call.result({ done: true });
    expect(await again.message()).toMatchObject({ result: { done: true } });
  });

  test('needs no lane: what is kept is there whatever became of the service', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId } = await streamedCall(front, client);
    await reader.cancel();
    call.fail({ kind: 'lost', reason: 'exited with code 1', delivered: true });
    front.services.admission = () => {
      throw new Refusal('0006', 'it has ended');
    };
    expect(await rest(await resume(client, lastId))).toMatchObject([{ id: 7, error: { code: -32015 } }]);
  });

  test('invariant 10: an outcome too large to keep is an error on resuming, and arrives where the reader stayed', async () => {
    const front = await frontApp({ maxReplayBytes: 1_000 });
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId } = await streamedCall(front, client);
    const text = 'x'.repeat(2_000);
    call.result({ text });
    expect(await reader.message()).toMatchObject({ result: { text } });
    const messages = await rest(await resume(client, lastId));
    expect(messages).toMatchObject([{ id: 7, error: { code: -32015, data: { delivered: true } } }]);
  });

  test('after replayWindowMs its outcome is gone: an error says so, and then there is nothing to come', async () => {
    const front = await frontApp({ replayWindowMs: 10_000 });
    const client = await new StreamableClient(front.origin).open();
    const { call, reader, lastId } = await streamedCall(front, client);
    await reader.cancel();
    call.result({});
    front.clock.increment(12_500);
    const lost = new SseReader(await resume(client, lastId));
    const error = await lost.next();
    expect(JSON.parse(error?.data ?? '')).toMatchObject({ id: 7, error: { data: { delivered: true } } });
    expect((await resume(client, error?.id)).status).toBe(204);
  });
});

describe('GET with Last-Event-ID: the standalone stream', () => {
  test('replays what came while nobody listened, once, and goes on', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    session.port.deliver(note(1));
    await reader.any();
    const lastId = (await reader.any())?.id;
    await reader.cancel();
    await front.lane.releases.next();
    for (const n of [2, 3]) expect(session.port.deliver(note(n))).toBe(true);
    const again = new SseReader(await resume(client, lastId));
    session.port.deliver(note(4));
    for (const n of [2, 3, 4]) expect(await again.message()).toMatchObject({ params: { n } });
    expect(session.holds).toBe(1);
    expect((await client.get()).status).toBe(409);
  });

  test('takes over from a reader that is still there, where a second one is refused', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    const priming = await reader.any();
    expect((await client.get()).status).toBe(409);
    const again = new SseReader(await resume(client, priming?.id));
    expect(await reader.any()).toBeUndefined();
    session.port.deliver(note(1));
    expect(await again.message()).toMatchObject({ params: { n: 1 } });
    expect(session.holds).toBe(1);
  });

  test('opened anew, it has what was never sent, and nothing again', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    session.port.deliver(note(1));
    await reader.message();
    await reader.cancel();
    await front.lane.releases.next();
    session.port.deliver(note(2));
    const again = new SseReader(await client.get());
    session.port.deliver(note(3));
    for (const n of [2, 3]) expect(await again.message()).toMatchObject({ params: { n } });
  });

  test('keeps nothing for a reader that stays away for longer than replayWindowMs', async () => {
    const front = await frontApp({ replayWindowMs: 10_000 });
    const { reader, session } = await streaming(front);
    await reader.cancel();
    await front.lane.releases.next();
    front.clock.increment(10_001);
    expect(session.port.deliver(note(1))).toBe(false);
  });

  test('is admitted like any request', async () => {
    const front = await frontApp();
    const { client, reader } = await streaming(front);
    const lastId = (await reader.any())?.id;
    await reader.cancel();
    front.services.admission = () => {
      throw new Refusal('0006', 'it has ended');
    };
    expect((await resume(client, lastId)).status).toBe(410);
  });
});

describe('invariant 8: a Last-Event-ID', () => {
  test('of another session is refused with 400, and so is one that nobody ever sent', async () => {
    const front = await frontApp();
    const [one, two] = [
      await new StreamableClient(front.origin).open(),
      await new StreamableClient(front.origin).open(),
    ];
    const { call, lastId } = await streamedCall(front, one);
    call.result({ secret: true });
    for (const id of [lastId, 'nonsense', `${lastId}0`.replace(/^c/, 'g')]) {
      const response = await resume(two, id);
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain('secret');
    }
  });

  test('replays nothing of other streams of the same session', async () => {
    const front = await frontApp();
    const { client, session } = await streaming(front);
    const one = await streamedCall(front, client, 'one');
    const two = await streamedCall(front, client, 'two');
    await one.reader.cancel();
    session.port.deliver(note(1));
    two.call.message(progress(2));
    two.call.result({ of: 'two' });
    one.call.result({ of: 'one' });
    expect(await rest(await resume(client, one.lastId))).toEqual([
      { jsonrpc: '2.0', id: 'one', result: { of: 'one' } },
    ]);
  });
});

describe('after a restart of the gateway', () => {
  test('a session goes on without initialize: capabilities, log level and subscriptions are there', async () => {
    const stores = memoryStores();
    const before = await frontApp({}, { stores });
    before.lane.answer = call => call.result({});
    const client = await new StreamableClient(before.origin).open({ roots: {} });
    await (await client.post(request(1, 'logging/setLevel', { level: 'error' }))).text();
    await (await client.post(request(2, 'resources/subscribe', { uri: 'a:1' }))).text();
    await before.close();

    const after = await frontApp({}, { stores });
    const again = new StreamableClient(after.origin);
    again.sessionId = client.sessionId;
    const methods: string[] = [];
    after.lane.answer = call => {
      methods.push(call.request.method);
      call.result({ tools: [] });
    };
    expect(await (await again.post(request(3, 'tools/list'))).json()).toMatchObject({ id: 3, result: {} });
    expect(methods).toEqual(['logging/setLevel', 'resources/subscribe', 'tools/list']);
    expect(after.lane.sessions.map(({ port }) => port.capabilities)).toEqual([{ roots: {} }]);
  });

  test('the rules of admission hold for it, and of another service it is unknown', async () => {
    const stores = memoryStores();
    const before = await frontApp({}, { stores });
    const { sessionId } = await new StreamableClient(before.origin).open();
    await before.close();
    const after = await frontApp({}, { stores });
    const other = new StreamableClient(after.origin, 'other');
    other.sessionId = sessionId;
    expect((await other.post(request(1))).status).toBe(404);
    const client = new StreamableClient(after.origin);
    client.sessionId = sessionId;
    after.services.admission = () => {
      throw new Refusal('0006', 'it has ended');
    };
    expect((await client.post(request(1))).status).toBe(410);
  });

  test('one that was ended, or not used for sessionIdleMs, or whose service was removed is unknown', async () => {
    const stores = memoryStores();
    let listener: ServiceListener | undefined;
    const news = {
      listen(given: ServiceListener) {
        listener = given;
      },
    };
    const before = await frontApp({}, { stores, news });
    const open = (service: string) => new StreamableClient(before.origin, service).open();
    const [ended, idle, removed, live] = [
      await open('svc'),
      await open('svc'),
      await open('gone'),
      await open('gone'),
    ];
    await ended.delete();
    await before.close();
    const after = await frontApp({ sessionIdleMs: 60_000 }, { stores, news });
    const status = async (client: StreamableClient) => {
      const again = new StreamableClient(after.origin, client.url.split('/').at(-1));
      again.sessionId = client.sessionId;
      return (await again.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status;
    };
    expect(await status(ended)).toBe(404);
    expect(await status(live)).toBe(202);
    listener?.removed('gone');
    expect([await status(removed), await status(live)]).toEqual([404, 404]);
    after.clock.increment(61_000);
    expect([await status(idle), stores.sessions.count]).toEqual([404, 1]);
    after.clock.increment(60_000);
    expect(stores.sessions.count).toBe(0);
  });

  test('invariant 10: revived sessions count towards maxSessions', async () => {
    const stores = memoryStores();
    const before = await frontApp({}, { stores });
    const { sessionId } = await new StreamableClient(before.origin).open();
    await before.close();
    const after = await frontApp({ maxSessions: 1 }, { stores });
    await new StreamableClient(after.origin).open();
    const client = new StreamableClient(after.origin);
    client.sessionId = sessionId;
    const refused = await client.post(request(1));
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: '0009' }]);
  });

  test('the standalone stream goes on: what was kept of it, then what comes', async () => {
    const stores = memoryStores();
    const before = await frontApp({}, { stores });
    const { client, reader, session } = await streaming(before);
    const lastId = (await reader.any())?.id;
    await reader.cancel();
    await before.lane.releases.next();
    session.port.deliver(note(1));
    await before.close();
    const after = await frontApp({}, { stores });
    const again = new StreamableClient(after.origin);
    again.sessionId = client.sessionId;
    const resumed = new SseReader(await resume(again, lastId));
    expect(await resumed.message()).toMatchObject({ params: { n: 1 } });
    after.lane.sessions[0]?.port.deliver(note(2));
    const priming = await resumed.any();
    expect(priming).toMatchObject({ data: '', id: expect.stringMatching(/\.0$/) });
    expect(await resumed.message()).toMatchObject({ params: { n: 2 } });
    // Whoever still stands in the earlier life has seen none of this.
    const behind = new SseReader(await resume(again, lastId));
    for (const n of [1, 2]) expect(await behind.message()).toMatchObject({ params: { n } });
  });
});

describe('after a restart of the backend', () => {
  test('a session with an open stream enters the new lane at once; others with their next message', async () => {
    let listener: ServiceListener | undefined;
    const front = await frontApp(
      {},
      {
        news: {
          listen: given => {
            listener = given;
          },
        },
      },
    );
    const { reader } = await streaming(front);
    await new StreamableClient(front.origin).open();
    await streaming(front);
    const second = new FakeLane({ generation: 2 });
    front.services.admission = () => Promise.resolve(second);
    listener?.ready('other');
    listener?.ready('svc');
    await second.held.next();
    await second.held.next();
    expect(second.sessions.map(({ holds }) => holds)).toEqual([1, 1]);
    second.sessions[0]?.port.deliver(note(1));
    expect(await reader.message()).toMatchObject({ params: { n: 1 } });
  });
});
