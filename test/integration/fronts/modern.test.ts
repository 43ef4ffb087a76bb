import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { SUBSCRIPTION_ID_KEY } from '../../../src/backends/rpc/meta.ts';
import type { FrontSettings } from '../../../src/http/fronts/index.ts';
import type { JsonObject } from '../../../src/store/event-log.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { frontApp } from '../../support/front-app.ts';
import { initialize, SseReader, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest, VERSION } from '../../support/modern.ts';

/** The front before a lane of the modern era. */
async function modernApp(settings: Partial<FrontSettings> = {}) {
  const app = await frontApp(settings);
  const lane = new FakeLane({
    handshake: { era: 'modern', protocolVersion: VERSION, supportedVersions: [VERSION, '2025-11-25'] },
  });
  app.services.admission = () => lane;
  const client = new StreamableClient(app.origin);
  const send = (
    message: ReturnType<typeof modernRequest>,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) => client.post(message, { ...modernHeaders(message), ...headers }, signal);
  return { ...app, lane, client, send };
}

const list = modernRequest('q', 'tools/list');
const listen = modernRequest('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
const call = (args: JsonObject = {}) => modernRequest('c', 'tools/call', { name: 'add', arguments: args });

describe('a request of the modern era', () => {
  test('needs no session; a session id and Last-Event-ID are ignored; the answer is JSON', async () => {
    const { send, lane } = await modernApp();
    const pending = send(list, { 'mcp-session-id': 'unknown', 'last-event-id': 'x' });
    (await lane.calls.next()).result({ tools: [] });
    const response = await pending;
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 'q', result: { tools: [] } });
  });

  test('asks for a lane of its era, passes untouched, and leaves nothing on the lane', async () => {
    const { send, lane, services } = await modernApp();
    const pending = send(list);
    const taken = await lane.calls.next();
    expect(services.needs).toEqual([{ kind: 'modern' }]);
    expect(JSON.parse(taken.request.text)).toEqual(list);
    taken.result({});
    await (await pending).text();
    expect(await lane.closures.next()).toBe(taken.session);
    expect(lane.load).toBe(0);
  });

  test('becomes a stream as soon as something comes before the response', async () => {
    const { send, lane } = await modernApp();
    const pending = send(call());
    const taken = await lane.calls.next();
    taken.message({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
    const response = await pending;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const reader = new SseReader(response);
    expect(await reader.message()).toMatchObject({ method: 'notifications/progress' });
    taken.result({ content: [] });
    expect(await reader.message()).toMatchObject({ id: 'c', result: { content: [] } });
    expect(await reader.next()).toBeUndefined();
  });

  test.each([
    [-32601, 404],
    [-32021, 400],
    [-32022, 400],
    [-32020, 400],
    [-32602, 200],
    [-32603, 200],
  ])('answered with the error %i has status %i', async (code, status) => {
    const { send, lane } = await modernApp();
    const pending = send(list);
    const { sink } = await lane.calls.next();
    sink.result(JSON.stringify({ jsonrpc: '2.0', id: 'q', error: { code, message: 'no' } }));
    const response = await pending;
    expect([response.status, await response.json()]).toMatchObject([status, { id: 'q', error: { code } }]);
  });

  test('a result that mentions an error is none', async () => {
    const { send, lane } = await modernApp();
    const pending = send(list);
    (await lane.calls.next()).result({ error: { code: -32601 } });
    expect((await pending).status).toBe(200);
  });

  test('that got no answer fails with an envelope and its id', async () => {
    const { send, lane } = await modernApp();
    const pending = send(list);
    (await lane.calls.next()).fail({ kind: 'timeout', reason: 'too slow', delivered: true });
    const response = await pending;
    expect([response.status, await response.json()]).toMatchObject([
      504,
      { code: '0014', id: 'q', error: { code: -32018 } },
    ]);
  });

  test('a notification is accepted with 202 and no body', async () => {
    const { client, lane } = await modernApp();
    const response = await client.post(
      { jsonrpc: '2.0', method: 'notifications/x' },
      { 'mcp-protocol-version': VERSION },
    );
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(await lane.notifications.next()).toMatchObject({ method: 'notifications/x' });
  });
});

describe('what the modern front refuses', () => {
  const refusal = async (response: Response) => ({
    status: response.status,
    ...((await response.json()) as { id: unknown; error: { code: number; data: object } }),
  });

  test('metadata that is missing: -32602, with the id of the request', async () => {
    const { client } = await modernApp();
    const response = await client.post(
      { jsonrpc: '2.0', id: 101, method: 'tools/list', params: {} },
      { 'mcp-protocol-version': VERSION, 'mcp-method': 'tools/list' },
    );
    const { status, ...body } = await refusal(response);
    expect([status, body]).toMatchObject([400, { id: 101, error: { code: -32602 } }]);
    // Clients of this revision take an error with anything more in it for none.
    expect(Object.keys(body).sort()).toEqual(['error', 'id', 'jsonrpc']);
  });

  test('another version in the header: -32020, before the version itself is looked at', async () => {
    const { send } = await modernApp();
    const message = modernRequest(1, 'tools/list', {}, { 'io.modelcontextprotocol/protocolVersion': 'v9' });
    expect(await refusal(await send(message))).toMatchObject({ status: 400, error: { code: -32020 } });
  });

  test.each(['2027-01-01', 'v999.0.0', '2025-11-25'])(
    'version %s: -32022 with what discover lists, before the other headers',
    async version => {
      const { send } = await modernApp();
      const message = modernRequest(
        1,
        'tools/list',
        {},
        { 'io.modelcontextprotocol/protocolVersion': version },
      );
      const response = await send(message, { 'mcp-protocol-version': version, 'mcp-method': 'wrong' });
      expect(await refusal(response)).toMatchObject({
        status: 400,
        id: 1,
        error: { code: -32022, data: { supported: [VERSION, '2025-11-25'], requested: version } },
      });
    },
  );

  test('a method or a name that does not match: -32020', async () => {
    const { send, lane } = await modernApp();
    for (const headers of [{ 'mcp-method': 'prompts/list' }, { 'mcp-name': 'sub' }]) {
      expect(await refusal(await send(call(), headers))).toMatchObject({
        status: 400,
        error: { code: -32020 },
      });
    }
    expect(lane.sessions).toEqual([]);
  });

  test('a response, which this revision has none of: 400', async () => {
    const { client } = await modernApp();
    const response = await client.post(
      { jsonrpc: '2.0', id: 1, result: {} },
      { 'mcp-protocol-version': VERSION },
    );
    expect(response.status).toBe(400);
  });

  test('Accept and Content-Type as in the other revisions: 406, 415', async () => {
    const { send } = await modernApp();
    expect((await send(list, { accept: 'application/json' })).status).toBe(406);
    expect((await send(list, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('GET and DELETE in a modern version: 405', async () => {
    const { client } = await modernApp();
    const headers = { 'mcp-protocol-version': VERSION };
    for (const response of [await client.get(headers), await client.delete(headers)])
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('GET without a session, at a backend that speaks nothing else: 405', async () => {
    const { client } = await modernApp();
    expect((await client.get()).status).toBe(405);
  });

  test('initialize, at a backend that speaks nothing else: -32022 with what it speaks', async () => {
    const { client } = await modernApp();
    expect(await refusal(await client.post(initialize()))).toMatchObject({
      status: 400,
      error: { code: -32022, data: { supported: [VERSION, '2025-11-25'], requested: '2025-11-25' } },
    });
  });

  test.each([
    ['a legacy lane', () => new FakeLane()],
    [
      'a refusal that says so',
      () => {
        throw new Refusal('0005', 'no', null, 'modern');
      },
    ],
  ])(
    'everything, at a legacy backend (%s): 400 and -32000, so that clients fall back',
    async (_name, admit) => {
      const { send, services } = await modernApp();
      services.admission = admit;
      expect(await refusal(await send(list))).toMatchObject({
        status: 400,
        id: 'q',
        error: { code: -32000 },
      });
    },
  );
});

describe('arguments that are repeated in headers', () => {
  const annotated = (name: string) => ({
    tools: [
      {
        name: 'add',
        inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': name } } },
      },
    ],
  });

  test('are held against the list of tools, which is asked for once', async () => {
    const { send, lane } = await modernApp();
    lane.answerTo = () => annotated('Region');
    lane.answer = taken => taken.result({});
    expect((await send(call({ region: 'us' }), { 'mcp-param-region': 'us' })).status).toBe(200);
    const wrong = await send(call({ region: 'us' }), { 'mcp-param-region': 'eu' });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { id: 'c', error: { code: -32020 } }]);
    expect((await send(call())).status).toBe(200);
    expect((await send(call({ region: 'us' }))).status).toBe(400);
    expect(lane.questions).toEqual([{ method: 'tools/list', params: {} }]);
  });

  test('go along to a backend that is reached over HTTP; no other header of the client does', async () => {
    const { send, lane } = await modernApp();
    lane.answerTo = () => annotated('Region');
    const pending = send(call({ region: 'us' }), { 'mcp-param-region': 'us', 'mcp-param-other': 'x' });
    const taken = await lane.calls.next();
    expect(taken.request.mirrored).toEqual({ 'mcp-param-region': 'us' });
    taken.result({});
    await pending;
  });

  test('follow every page of the list', async () => {
    const { send, lane } = await modernApp();
    lane.answerTo = ({ cursor }) =>
      cursor === 'two' ? annotated('Region') : { tools: [], nextCursor: 'two' };
    lane.answer = taken => taken.result({});
    expect((await send(call({ region: 'us' }))).status).toBe(400);
  });

  test('follow a list that has changed: when the backend says so, with time, and when a call does not fit', async () => {
    const { send, lane, clock } = await modernApp();
    lane.answer = taken => taken.result({});
    const sends = async (status: number) => {
      expect((await send(call({ region: 'us' }), { 'mcp-param-region': 'us' })).status).toBe(status);
    };
    lane.answerTo = () => ({ tools: [] });
    await sends(200);
    lane.answerTo = () => annotated('Zone');
    await sends(200);
    lane.toolChanges.changed(true);
    await sends(400);
    lane.answerTo = () => annotated('Region');
    await sends(400);
    clock.increment(1_000);
    await sends(200);
    lane.answerTo = () => annotated('Zone');
    clock.increment(60_000);
    await sends(400);
  });

  test('are the ones that every reader of the body finds', async () => {
    const { client, lane } = await modernApp();
    lane.answerTo = () => annotated('Region');
    const message = call({ region: 'us' });
    const text = JSON.stringify(message).replace('"region":"us"', '"region":"eu","region":"us"');
    const pending = client.post(text, { ...modernHeaders(message), 'mcp-param-region': 'us' });
    const taken = await lane.calls.next();
    expect(taken.request.text).not.toContain('eu');
    taken.result({});
    expect((await pending).status).toBe(200);
  });
});

describe('closing the response stream', () => {
  test.each([
    ['before anything was sent', false],
    ['of a stream', true],
  ])('cancels the request (%s)', async (_name, streams) => {
    const { send, lane } = await modernApp();
    const abort = new AbortController();
    const pending = send(call(), {}, abort.signal);
    pending.catch(() => 'the client hangs up');
    const taken = await lane.calls.next();
    if (streams) {
      taken.message({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
      await pending;
    }
    abort.abort();
    expect(await lane.abandoned.next()).toBe(taken);
    expect(await lane.closures.next()).toBe(taken.session);
  });

  test('of a subscription ends it', async () => {
    const { send, lane } = await modernApp();
    const abort = new AbortController();
    const pending = send(listen, {}, abort.signal);
    const taken = await lane.calls.next();
    taken.message({ method: 'notifications/subscriptions/acknowledged', params: {} });
    const reader = new SseReader(await pending);
    expect(await reader.message()).toMatchObject({ method: 'notifications/subscriptions/acknowledged' });
    abort.abort();
    expect(await lane.abandoned.next()).toBe(taken);
  });

  test('a reader that stalls is closed at its bound, which cancels, too (invariant 10)', async () => {
    const { send, lane } = await modernApp({ maxBufferedBytes: 1024 });
    const pending = send(call());
    const taken = await lane.calls.next();
    const text = 'x'.repeat(1024 * 1024);
    taken.message({ method: 'notifications/message', params: { data: '' } });
    await pending;
    const abandoned = lane.abandoned.next();
    for (let sent = 0; sent < 64 && !taken.settled; sent++) {
      taken.message({ method: 'notifications/message', params: { data: text } });
    }
    expect(await abandoned).toBe(taken);
  });
});

describe('the end of the gateway', () => {
  test('ends subscriptions with their result, and lets other requests finish', async () => {
    const { send, lane, server } = await modernApp();
    const listening = send(listen);
    const subscription = await lane.calls.next();
    subscription.message({ method: 'notifications/subscriptions/acknowledged', params: {} });
    const reader = new SseReader(await listening);
    await reader.message();
    const pending = send(list);
    const taken = await lane.calls.next();
    const closed = server.close();
    expect(await reader.message()).toMatchObject({
      id: 'l',
      result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID_KEY]: 'l' } },
    });
    expect(await lane.abandoned.next()).toBe(subscription);
    taken.result({});
    expect((await pending).status).toBe(200);
    await closed;
  });
});
