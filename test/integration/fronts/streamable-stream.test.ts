import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { deferred } from '../../support/deferred.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { type FrontApp, frontApp, streaming } from '../../support/front-app.ts';
import { request, SseReader, StreamableClient } from '../../support/mcp-client.ts';

const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info' } });

/** A client that opens the stream, or sends another request, and reads nothing until told. */
function silentReader(
  front: FrontApp,
  { sessionId }: StreamableClient,
  begin = 'GET /mcp/stream/proxy/svc HTTP/1.1',
  body = '',
): Socket {
  if (sessionId === null) throw new Error('no session');
  const { hostname, port } = new URL(front.origin);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  socket.pause();
  socket.write(
    `${begin}\r\nHost: ${hostname}\r\nAccept: application/json, text/event-stream\r\nMcp-Session-Id: ${sessionId}\r\n\r\n${body}`,
  );
  return socket;
}

/** A session with a stream that nobody reads yet. */
async function unread(front: FrontApp) {
  const client = await new StreamableClient(front.origin).open();
  await front.services.demands.next();
  const socket = silentReader(front, client);
  await front.services.demands.next();
  const session = front.lane.sessions[0];
  if (session === undefined) throw new Error('no session on the lane');
  return { client, socket, session };
}

describe('GET: the standalone stream', () => {
  test('carries what is delivered to the session, and keeps the lane busy while it is open', async () => {
    const front = await frontApp();
    const { reader, session, response } = await streaming(front);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(session.holds).toBe(1);
    expect(session.port.deliver(note)).toBe(true);
    expect(await reader.message()).toMatchObject({ method: 'notifications/message' });
  });

  test('gets a comment every keepAliveMs', async () => {
    const front = await frontApp({ keepAliveMs: 1_000 });
    const { reader } = await streaming(front);
    front.clock.increment(1_000);
    expect(await reader.next()).toMatchObject({ comment: 'keep-alive' });
    front.clock.increment(1_000);
    expect(await reader.next()).toMatchObject({ comment: 'keep-alive' });
  });

  test('without Accept: text/event-stream it is refused with 406, without a session id with 400', async () => {
    const { origin } = await frontApp();
    const client = new StreamableClient(origin);
    expect((await client.get()).status).toBe(400);
    await client.open();
    expect((await client.get({ accept: 'application/json' })).status).toBe(406);
  });

  test('a second one is refused with 409; when the first has closed, another may come', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    expect((await client.get()).status).toBe(409);
    await reader.cancel();
    await front.lane.releases.next();
    expect(session.port.deliver(note)).toBe(true);
    const again = await client.get();
    expect(again.status).toBe(200);
    expect(session.holds).toBe(1);
    expect(await new SseReader(again).message()).toMatchObject({ method: 'notifications/message' });
  });

  test('of two that were held together, one opens and the other is refused with 409', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    const { promise, resolve } = deferred<FakeLane>();
    await front.services.demands.next();
    front.services.admission = () => promise;
    const pending = [client.get(), client.get()];
    await front.services.demands.next();
    await front.services.demands.next();
    resolve(front.lane);
    const statuses = (await Promise.all(pending)).map(response => response.status);
    expect(statuses.sort()).toEqual([200, 409]);
  });

  test('a refused admission is relayed', async () => {
    const front = await frontApp();
    const client = await new StreamableClient(front.origin).open();
    front.services.admission = () => {
      throw new Refusal('0006', 'it has ended');
    };
    const response = await client.get();
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ code: '0006', id: null, error: { code: -32016 } });
  });

  test('invariant 8: what is delivered to one session is on no other stream', async () => {
    const front = await frontApp();
    const one = await streaming(front);
    const two = await streaming(front);
    one.session.port.deliver(JSON.stringify({ jsonrpc: '2.0', method: 'for/one' }));
    two.session.port.deliver(JSON.stringify({ jsonrpc: '2.0', method: 'for/two' }));
    expect(await one.reader.message()).toMatchObject({ method: 'for/one' });
    expect(await two.reader.message()).toMatchObject({ method: 'for/two' });
  });

  test('after a restart of the backend it carries what the new lane delivers', async () => {
    const front = await frontApp();
    const { client, reader, session } = await streaming(front);
    const second = new FakeLane({ generation: 2 });
    front.services.admission = () => second;
    second.answer = call => call.result({});
    await (await client.post(request(1))).text();
    expect([session.closed, session.holds]).toEqual([true, 0]);
    expect(second.sessions[0]?.holds).toBe(1);
    second.sessions[0]?.port.deliver(note);
    expect(await reader.message()).toMatchObject({ method: 'notifications/message' });
  });

  test('invariant 10: a reader that stalls is closed, not buffered for; the session lives on', async () => {
    const front = await frontApp({ maxBufferedBytes: 64 * 1024 });
    const { client, socket, session } = await unread(front);
    const big = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text: 'x'.repeat(32 * 1024) } });
    for (let delivered = 0; delivered < 1_000; delivered++) session.port.deliver(big);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(500 * big.length);
    expect(session.holds).toBe(0);
    expect((await client.get()).status).toBe(200);
  });

  test('one message larger than the bound reaches a reader that has nothing waiting', async () => {
    const front = await frontApp({ maxBufferedBytes: 1024 });
    const { reader, session } = await streaming(front);
    const text = 'x'.repeat(1024 * 1024);
    expect(session.port.deliver(JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text } }))).toBe(
      true,
    );
    expect(await reader.message()).toMatchObject({ params: { text } });
  });

  test('what is delivered in one turn leaves as one chunk', async () => {
    const front = await frontApp();
    const { socket, session } = await unread(front);
    for (let n = 1; n <= 3; n++) session.port.deliver(note.replace('info', `info${n}`));
    let received = '';
    socket.setEncoding('utf8').on('data', text => {
      received += text;
    });
    socket.resume();
    await expect.poll(() => received).toContain('info3');
    const [, ...chunks] = received.split(/^[0-9a-f]+\r$/m);
    expect(chunks.filter(chunk => chunk.includes('info'))).toHaveLength(1);
  });

  test('what is delivered in one turn may exceed the bound together, as long as the reader reads', async () => {
    const front = await frontApp({ maxBufferedBytes: 64 * 1024 });
    const { reader, session } = await streaming(front);
    const texts = Array.from({ length: 5 }, (_, n) => `${n}`.repeat(30 * 1024));
    for (const text of texts)
      expect(session.port.deliver(JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text } }))).toBe(
        true,
      );
    for (const text of texts) expect(await reader.message()).toMatchObject({ params: { text } });
  });

  test.each([
    ['an answer', false],
    ['an answer as a stream', true],
  ])('invariant 10: a reader that takes nothing of %s is closed after stallMs', async (_what, streams) => {
    const front = await frontApp({ stallMs: 200 });
    const client = await new StreamableClient(front.origin).open();
    const text = 'x'.repeat(32 * 1024 * 1024);
    front.lane.answer = call => {
      if (streams) call.sink.message(note);
      call.result({ text });
    };
    const body = JSON.stringify(request(1));
    const socket = silentReader(
      front,
      client,
      `POST /mcp/stream/proxy/svc HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`,
      body,
    );
    await expect.poll(() => front.meters.stalledReaders, { timeout: 20_000 }).toBe(1);
    const closed = once(socket, 'close');
    socket.on('error', () => {}).resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(text.length);
  });
});
