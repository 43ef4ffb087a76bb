import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { deferred } from '../../support/deferred.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { frontApp } from '../../support/front-app.ts';
import { HttpSseClient, initialize, request, SseReader, StreamableClient } from '../../support/mcp-client.ts';

describe('GET /sse', () => {
  test('opens a session; its first event is the endpoint to post to', async () => {
    const { origin, fronts } = await frontApp();
    const response = await fetch(`${origin}/mcp/sse/proxy/a%20b/sse`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    const first = await new SseReader(response).next();
    expect(first?.event).toBe('endpoint');
    expect(first?.data).toMatch(/^\/mcp\/sse\/proxy\/a%20b\/message\?sessionId=[\w-]{22,}$/);
    expect(fronts.sessions).toBe(1);
  });

  test('keeps the query of the stream in the endpoint, untouched, and adds the session id last', async () => {
    const { origin } = await frontApp();
    const path = '/mcp/sse/proxy/svc/sse?key=a%2Bb&sessionId=mine';
    const client = await HttpSseClient.connect(origin, path);
    expect(client.endpoint).toMatch(/\/message\?key=a%2Bb&sessionId=mine&sessionId=[\w-]{22,}$/);
    expect((await client.post(initialize())).status).toBe(202);
  });

  test('a refused admission, or one session too many, is an HTTP refusal', async () => {
    const { origin, services } = await frontApp({ maxSessions: 1 });
    await HttpSseClient.connect(origin);
    const asked = services.demands.size;
    const full = await fetch(`${origin}/mcp/sse/proxy/svc/sse`);
    expect(full.status).toBe(503);
    expect(await full.json()).toMatchObject({ code: '0009' });
    expect(services.demands.size).toBe(asked);
    services.admission = () => {
      throw new Refusal('0007', 'start it first');
    };
    const other = await frontApp();
    other.services.admission = services.admission;
    const refused = await fetch(`${other.origin}/mcp/sse/proxy/svc/sse`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: '0007', error: { code: -32017 } });
    expect(other.fronts.sessions).toBe(0);
  });

  test('a client that hangs up while it is held opens no session', async () => {
    const { origin, services, lane, fronts } = await frontApp();
    const { promise, resolve } = deferred<FakeLane>();
    services.admission = () => promise;
    const abort = new AbortController();
    const pending = fetch(`${origin}/mcp/sse/proxy/svc/sse`, { signal: abort.signal });
    const { signal } = await services.demands.next();
    const gone = once(signal, 'abort');
    abort.abort();
    await expect(pending).rejects.toThrow();
    await gone;
    resolve(lane);
    await promise;
    services.admission = () => lane;
    await HttpSseClient.connect(origin);
    expect(fronts.sessions).toBe(1);
  });

  test('closing the stream ends the session and what it had in flight', async () => {
    const { origin, lane, fronts } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    await client.post(request(1));
    const call = await lane.calls.next();
    await client.stream.cancel();
    const closed = await lane.closures.next();
    expect(closed).toBe(call.session);
    expect([closed.holds, call.settled, fronts.sessions]).toEqual([0, true, 0]);
    expect((await client.post(request(2))).status).toBe(404);
  });

  test('gets a comment every keepAliveMs', async () => {
    const { origin, clock } = await frontApp({ keepAliveMs: 1_000 });
    const client = await HttpSseClient.connect(origin);
    clock.increment(1_000);
    expect(await client.stream.next()).toMatchObject({ comment: 'keep-alive' });
  });
});

describe('POST /message', () => {
  test('initialize is answered on the stream, from the handshake; the lane sees the capabilities', async () => {
    const { origin, lane } = await frontApp();
    const client = await HttpSseClient.connect(origin);
    const response = await client.post(initialize({ sampling: {} }, '2024-11-05'));
    expect([response.status, await response.text()]).toEqual([202, 'Accepted']);
    const { capabilities, serverInfo } = lane.handshake;
    expect(await client.stream.message()).toMatchObject({
      id: 'init',
      result: { protocolVersion: '2024-11-05', capabilities, serverInfo },
    });
    expect(lane.sessions.map(session => session.port.capabilities)).toEqual([{ sampling: {} }]);
    expect(lane.sessions[0]?.holds).toBe(1);
    expect((await client.post(initialize())).status).toBe(400);
  });

  test('a request may come before initialize; the lane is entered anew once the capabilities are known', async () => {
    const { origin, lane } = await frontApp();
    lane.answer = call => call.result({});
    const client = await HttpSseClient.connect(origin);
    await client.post(request('early', 'ping'));
    expect(await client.stream.message()).toMatchObject({ id: 'early', result: {} });
    await client.open({ roots: {} });
    const seen = lane.sessions.map(session => [session.closed, session.holds]);
    expect(seen).toEqual([
      [true, 0],
      [false, 1],
    ]);
  });

  test('invariant 3: the late answer of a call that has failed is dropped', async () => {
    const { origin, services, lane } = await frontApp();
    lane.failsOnClose = false;
    const client = await (await HttpSseClient.connect(origin)).open();
    await client.post(request(1));
    const { sink } = await lane.calls.next();
    const second = new FakeLane({ generation: 2 });
    second.answer = call => call.result({ from: 2 });
    services.admission = () => second;
    await client.post(request(2));
    sink.message('{"late":true}');
    sink.result('{"late":true}');
    await client.post(request(3));
    const ids = [await client.stream.message(), await client.stream.message(), await client.stream.message()];
    expect(ids).toMatchObject([
      { id: 1, error: {} },
      { id: 2, result: {} },
      { id: 3, result: {} },
    ]);
  });

  test('responses and what comes before them flow as messages of the stream', async () => {
    const { origin, lane } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    expect((await client.post(request('a'))).status).toBe(202);
    const call = await lane.calls.next();
    call.message({ method: 'notifications/progress' });
    call.session.port.deliver(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    call.result({ done: true });
    expect(await client.stream.message()).toMatchObject({ method: 'notifications/progress' });
    expect(await client.stream.message()).toMatchObject({ method: 'notifications/tools/list_changed' });
    expect(await client.stream.message()).toEqual({ jsonrpc: '2.0', id: 'a', result: { done: true } });
  });

  test('notifications and responses reach the lane', async () => {
    const { origin, lane } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect((await lane.notifications.next()).method).toBe('notifications/initialized');
    await client.post({ jsonrpc: '2.0', id: 3, result: {} });
    expect((await lane.responses.next()).id).toBe(3);
  });

  test('without a session id: 400; with an unknown one, or one of another service or front: 404', async () => {
    const { origin } = await frontApp();
    const client = await HttpSseClient.connect(origin);
    const base = '/mcp/sse/proxy/svc/message';
    const missing = await client.post(request(9), base);
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({ id: 9, success: false, error: { code: -32000 } });
    const { sessionId } = await new StreamableClient(origin).open();
    for (const endpoint of [
      `${base}?sessionId=unknown`,
      `${base}?sessionId=${sessionId}`,
      client.endpoint.replace('/svc/', '/other/'),
    ]) {
      const unknown = await client.post(request(9), endpoint);
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toMatchObject({ id: 9, error: { code: -32001 } });
    }
  });

  test('invariant 8: its session id opens nothing on the Streamable HTTP front', async () => {
    const { origin } = await frontApp();
    const client = await HttpSseClient.connect(origin);
    const streamable = new StreamableClient(origin);
    streamable.sessionId = new URL(client.endpoint, origin).searchParams.get('sessionId');
    expect((await streamable.post(request(1))).status).toBe(404);
  });

  test('malformed bodies are 400, other content types 415, and nothing comes on the stream', async () => {
    const { origin, lane } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    expect((await client.post('{')).status).toBe(400);
    expect((await fetch(origin + client.endpoint, { method: 'POST', body: '{}' })).status).toBe(415);
    lane.answer = call => call.result({});
    await client.post(request(1));
    expect(await client.stream.message()).toMatchObject({ id: 1 });
  });

  test('a refused admission is the answer to the POST, and nothing comes on the stream', async () => {
    const { origin, services, lane } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    services.admission = () => Promise.reject(new Refusal('0003', 'starting', 1_000));
    const response = await client.post(request(1));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: '0003', id: 1, error: { code: -32013 } });
    services.admission = () => lane;
    lane.answer = call => call.result({});
    await client.post(request(2));
    expect(await client.stream.message()).toMatchObject({ id: 2 });
  });

  test('invariant 3: calls in flight on a backend that dies fail on the stream, which stays for the next one', async () => {
    const { origin, services, lane } = await frontApp();
    const client = await (await HttpSseClient.connect(origin)).open();
    await client.post(request(1));
    await lane.calls.next();
    lane.lose('exited with code 9');
    const error = await client.stream.message();
    expect(error).toMatchObject({ id: 1, error: { code: -32015, data: { delivered: true } } });
    expect(Object.keys(error).sort()).toEqual(['error', 'id', 'jsonrpc']);
    const second = new FakeLane({ generation: 2 });
    second.answer = call => call.result({ from: 2 });
    services.admission = () => Promise.resolve(second);
    expect((await client.post(request(2))).status).toBe(202);
    expect(await client.stream.message()).toMatchObject({ id: 2, result: { from: 2 } });
    expect(second.sessions[0]?.holds).toBe(1);
  });
});

describe('the base URL', () => {
  test('GET with Accept: text/event-stream is sent to /sse, without it refused with 400', async () => {
    const { origin } = await frontApp();
    const url = `${origin}/mcp/sse/proxy/a%20b?x=1`;
    const sent = await fetch(url, { headers: { accept: 'text/event-stream' }, redirect: 'manual' });
    expect([sent.status, sent.headers.get('location')]).toEqual([307, '/mcp/sse/proxy/a%20b/sse?x=1']);
    const refused = await fetch(url);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: '0011' });
  });

  test('POST is sent to /message', async () => {
    const { origin } = await frontApp();
    const url = `${origin}/mcp/sse/proxy/svc?sessionId=s`;
    const sent = await fetch(url, { method: 'POST', body: '{}', redirect: 'manual' });
    expect([sent.status, sent.headers.get('location')]).toEqual([
      307,
      '/mcp/sse/proxy/svc/message?sessionId=s',
    ]);
  });
});
