import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { frontApp } from '../../support/front-app.ts';
import { initialize, request, SseReader, StreamableClient } from '../../support/mcp-client.ts';

const tools = { tools: [] };

describe('POST: the message', () => {
  test.each([
    ['no JSON', '{', 400, '0008', -32700, null],
    ['no JSON-RPC', '{"hello":1}', 400, '0008', -32600, null],
    ['empty', '', 400, '0008', -32700, null],
  ])('a body that is %s is refused with 0008', async (_name, body, status, code, rpcCode, id) => {
    const { origin } = await frontApp();
    const response = await new StreamableClient(origin).post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      code,
      success: false,
      jsonrpc: '2.0',
      id,
      error: { code: rpcCode },
    });
  });

  test('a body that is not UTF-8 is refused with 0008', async () => {
    const { origin } = await frontApp();
    const { url } = new StreamableClient(origin);
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: Buffer.from('{"jsonrpc":"2.0","id":"\xff"}', 'latin1'),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: '0008', error: { code: -32700 } });
  });

  test.each(['application/json', 'text/event-stream', '*/*'])(
    'Accept: %s alone is refused with 406',
    async accept => {
      const { origin } = await frontApp();
      const sentId = { id: 77 };
      const response = await new StreamableClient(origin).post({ ...initialize(), ...sentId }, { accept });
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ ...sentId, error: { code: -32000 } });
    },
  );

  test('another content type is refused with 415; parameters of the right one are fine', async () => {
    const { origin } = await frontApp();
    const client = new StreamableClient(origin);
    expect((await client.post(initialize(), { 'content-type': 'text/plain' })).status).toBe(415);
    expect(
      (await client.post(initialize(), { 'content-type': 'Application/JSON; charset=utf-8' })).status,
    ).toBe(200);
  });

  test('an id that no service can have is refused with 0011 and carries the request id', async () => {
    const { origin } = await frontApp();
    const response = await new StreamableClient(origin, 'x'.repeat(129)).post(initialize());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: '0011', id: 'init', error: { code: -32602 } });
  });
});

describe('POST: initialize', () => {
  test('is answered from the handshake, with a session id', async () => {
    const { origin, lane } = await frontApp();
    const response = await new StreamableClient(origin).post(initialize());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('mcp-session-id')).toMatch(/^[\w-]{22,}$/);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    const { protocolVersion, capabilities, serverInfo, instructions } = lane.handshake;
    const result = { protocolVersion, capabilities, serverInfo, instructions };
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 'init', result });
  });

  test('a refused admission opens no session and is relayed', async () => {
    const { origin, services, fronts } = await frontApp();
    services.admission = () => Promise.reject(new Refusal('0002', 'it crashed', 1500));
    const response = await new StreamableClient(origin).post(initialize());
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toMatchObject({ code: '0002', id: 'init', error: { code: -32012 } });
    expect(fronts.sessions).toBe(0);
  });

  test('past maxSessions it is refused with 0009 and Retry-After, without asking for a backend', async () => {
    const { origin, services } = await frontApp({ maxSessions: 1 });
    await new StreamableClient(origin).open();
    const asked = services.demands.size;
    const response = await new StreamableClient(origin).post(initialize());
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await response.json()).toMatchObject({ code: '0009', error: { code: -32019 } });
    expect(services.demands.size).toBe(asked);
  });

  test('within a session it is refused', async () => {
    const { origin } = await frontApp();
    const response = await (await new StreamableClient(origin).open()).post(initialize());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32600 } });
  });
});

describe('POST: session and version', () => {
  test('without a session id: 400, with an unknown one: 404 and -32001', async () => {
    const { origin } = await frontApp();
    const client = new StreamableClient(origin);
    const missing = await client.post(request(1));
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({ id: 1, error: { code: -32000 } });
    client.sessionId = 'unknown';
    const unknown = await client.post(request(1));
    expect(unknown.status).toBe(404);
    const body = await unknown.json();
    expect(body).toMatchObject({ id: 1, success: false, error: { code: -32001 } });
    expect(JSON.stringify(body)).toContain('Session not found');
  });

  test('invariant 8: a session id is good for its own service only', async () => {
    const { origin } = await frontApp();
    const { sessionId } = await new StreamableClient(origin, 'one').open();
    const other = new StreamableClient(origin, 'two');
    other.sessionId = sessionId;
    expect((await other.post(request(1))).status).toBe(404);
    expect((await other.get()).status).toBe(404);
    expect((await other.delete()).status).toBe(404);
  });

  test('an unsupported version is refused with 400 and -32000, so that clients of both eras fall back', async () => {
    const { origin } = await frontApp();
    const client = await new StreamableClient(origin).open();
    for (const response of [
      await client.post(request(1), { 'mcp-protocol-version': '2026-07-28' }),
      await client.get({ 'mcp-protocol-version': '1999-01-01' }),
      await client.delete({ 'mcp-protocol-version': '1999-01-01' }),
    ]) {
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: -32000 } });
    }
  });

  test('the session lives on when the backend was restarted, with its log level', async () => {
    const { origin, services, lane } = await frontApp();
    const client = await new StreamableClient(origin).open({ roots: {} });
    lane.answer = call => call.result({});
    await client.post(request(1, 'logging/setLevel', { level: 'warning' }));
    const second = new FakeLane({ generation: 2 });
    services.admission = () => second;
    const pending = client.post(request(2, 'tools/list'));
    const level = await second.calls.next();
    expect(level.request.method).toBe('logging/setLevel');
    expect(level.params()).toEqual({ level: 'warning' });
    level.result({});
    (await second.calls.next()).result(tools);
    expect(await (await pending).json()).toEqual({ jsonrpc: '2.0', id: 2, result: tools });
    expect(lane.sessions.map(session => session.closed)).toEqual([true]);
    expect(second.sessions.map(session => session.port.capabilities)).toEqual([{ roots: {} }]);
  });
});

describe('POST: the answer', () => {
  test('is JSON when the response is the first thing that comes', async () => {
    const { origin, lane } = await frontApp();
    const client = await new StreamableClient(origin).open();
    const pending = client.post(request(7, 'tools/list'));
    (await lane.calls.next()).result(tools);
    const response = await pending;
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 7, result: tools });
  });

  test('becomes a stream at the first message in between, in order, and ends with the response', async () => {
    const { origin, lane } = await frontApp();
    const client = await new StreamableClient(origin).open();
    const pending = client.post(request(7));
    const call = await lane.calls.next();
    call.message({ method: 'notifications/progress', params: { progress: 1 } });
    call.message({ id: 's1', method: 'roots/list' });
    const response = await pending;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(response.headers.get('x-server-time')).toMatch(/^\d+$/);
    call.result(tools);
    const reader = new SseReader(response);
    expect(await reader.message()).toMatchObject({ method: 'notifications/progress' });
    expect(await reader.message()).toMatchObject({ id: 's1', method: 'roots/list' });
    expect(await reader.message()).toEqual({ jsonrpc: '2.0', id: 7, result: tools });
    expect(await reader.next()).toBeUndefined();
  });

  test('becomes a stream with comments when the client waits longer than keepAliveMs', async () => {
    const { origin, lane, clock } = await frontApp({ keepAliveMs: 15_000 });
    const client = await new StreamableClient(origin).open();
    const pending = client.post(request(7));
    const call = await lane.calls.next();
    clock.increment(15_000);
    const response = await pending;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = new SseReader(response);
    clock.increment(15_000);
    expect(await reader.next()).toMatchObject({ comment: 'keep-alive' });
    call.result(tools);
    expect(await reader.message()).toEqual({ jsonrpc: '2.0', id: 7, result: tools });
  });

  test('an answered call waits for nothing more, and a message that comes late is dropped', async () => {
    const { origin, lane, clock } = await frontApp({ keepAliveMs: 1_000 });
    const client = await new StreamableClient(origin).open();
    const pending = client.post(request(7));
    const call = await lane.calls.next();
    call.result(tools);
    call.message({ method: 'notifications/progress' });
    expect(await (await pending).json()).toMatchObject({ id: 7 });
    clock.increment(5_000);
    lane.answer = call => call.result(tools);
    expect(await (await client.post(request(8))).json()).toEqual({ jsonrpc: '2.0', id: 8, result: tools });
  });

  test('a session whose calls are answered is reaped when it is idle', async () => {
    const { origin, lane, clock, fronts } = await frontApp({ sessionIdleMs: 60_000 });
    const client = await new StreamableClient(origin).open();
    lane.answer = call => call.result(tools);
    await (await client.post(request(7))).text();
    clock.increment(60_000);
    expect(fronts.sessions).toBe(0);
    expect((await client.post(request(8))).status).toBe(404);
  });

  test('a notification and a response are answered with an empty 202', async () => {
    const { origin, lane } = await frontApp();
    const client = await new StreamableClient(origin).open();
    const noted = await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([noted.status, await noted.text()]).toEqual([202, '']);
    expect((await lane.notifications.next()).method).toBe('notifications/initialized');
    const answered = await client.post({ jsonrpc: '2.0', id: 's1', result: { roots: [] } });
    expect([answered.status, await answered.text()]).toEqual([202, '']);
    expect((await lane.responses.next()).id).toBe('s1');
  });

  test.each([
    ['lost', 502, '0005', -32015],
    ['closed', 502, '0005', -32015],
    ['too large', 502, '0005', -32015],
    ['timeout', 504, '0014', -32018],
    ['overloaded', 503, '0009', -32019],
  ] as const)('a call that failed (%s) has HTTP %i, %s and %i', async (kind, status, code, rpcCode) => {
    const { origin, lane } = await frontApp();
    const client = await new StreamableClient(origin).open();
    lane.answer = call => call.fail({ kind, reason: 'because', delivered: true });
    const response = await client.post(request('a'));
    expect(response.status).toBe(status);
    expect(response.headers.has('retry-after')).toBe(kind === 'overloaded');
    const error = { code: rpcCode, data: { delivered: true } };
    expect(await response.json()).toMatchObject({ code, success: false, jsonrpc: '2.0', id: 'a', error });
  });

  test('a call that failed after its stream began has a JSON-RPC error as its event', async () => {
    const { origin, lane } = await frontApp();
    const client = await new StreamableClient(origin).open();
    const pending = client.post(request('a'));
    const call = await lane.calls.next();
    call.message({ method: 'notifications/progress', params: {} });
    const reader = new SseReader(await pending);
    lane.lose();
    await reader.message();
    const error = await reader.message();
    expect(error).toMatchObject({
      jsonrpc: '2.0',
      id: 'a',
      error: { code: -32015, data: { delivered: true } },
    });
    expect(Object.keys(error).sort()).toEqual(['error', 'id', 'jsonrpc']);
    expect(await reader.next()).toBeUndefined();
  });
});
