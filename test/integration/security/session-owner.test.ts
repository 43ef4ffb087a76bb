/** Sessions, event ids and streams are those of the principal that opened them (docs/security.md). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { initialize, post, tinyServer } from '../../support/http-client.ts';
import { BOTH, SseReader } from '../../support/mcp-client.ts';

const ALICE = { authorization: 'Bearer alice-token' };
const MALLORY = { authorization: 'Bearer mallory-token' };
const FLAGS = ['--auth-tokens', 'alice:call+manage:alice-token,mallory:call:mallory-token'];
const UNKNOWN = 'A'.repeat(32);

describe('a session that another principal has learned the id of', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let session: string;

  const stream = () => `${gateway.url}/mcp/stream/proxy/svc`;
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const send = (method: string, url: string, headers: Record<string, string>, body?: object) =>
    fetch(url, {
      method,
      headers: { accept: BOTH, 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });

  /** All that an answer says, but for what differs between any two. */
  async function answerOf(response: Response) {
    const body = JSON.parse((await response.text()).replaceAll(/"tid":"[^"]*"/g, '"tid":""'));
    return { status: response.status, body };
  }

  beforeAll(async () => {
    gateway = await startGateway(dataDir, ...FLAGS);
    const order = { mcpId: 'svc', mcpJsonConfig: tinyServer(), mcpType: 'Persistent' };
    expect((await post(`${gateway.url}/mcp/stream/check_status`, order, ALICE)).status).toBe(200);
    const opened = await post(stream(), initialize, ALICE);
    session = opened.headers.get('mcp-session-id') ?? '';
    expect(session).not.toBe('');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it.each([
    ['POST', list],
    ['POST', initialize],
    ['GET', undefined],
    ['DELETE', undefined],
  ])('invariant 8: to %s it answers 404, exactly as to an id that nobody has', async (method, body) => {
    const foreign = await send(method, stream(), { ...MALLORY, 'mcp-session-id': session }, body);
    const unknown = await send(method, stream(), { ...MALLORY, 'mcp-session-id': UNKNOWN }, body);
    const answer = await answerOf(foreign);
    expect(answer.status).toBe(404);
    expect(answer).toEqual(await answerOf(unknown));
  });

  it('invariant 8: its event ids are refused from another principal, in its own session and in another’s', async () => {
    const own = await post(stream(), initialize, MALLORY);
    const mallory = own.headers.get('mcp-session-id') ?? '';
    const events = await send('GET', stream(), { ...ALICE, 'mcp-session-id': session });
    const priming = await new SseReader(events).any();
    const lastEventId = priming?.id ?? '';
    expect(lastEventId).not.toBe('');
    const inOwn = await send('GET', stream(), {
      ...MALLORY,
      'mcp-session-id': mallory,
      'last-event-id': lastEventId,
    });
    expect((await answerOf(inOwn)).status).toBe(400);
    const inAlices = await send('GET', stream(), {
      ...MALLORY,
      'mcp-session-id': session,
      'last-event-id': lastEventId,
    });
    expect((await answerOf(inAlices)).status).toBe(404);
    await events.body?.cancel().catch(() => {});
  });

  it('invariant 8: the message endpoint of its HTTP+SSE stream answers 404 to another principal, and 202 to its own', async () => {
    const events = await send('GET', `${gateway.url}/mcp/sse/proxy/svc/sse`, ALICE);
    const reader = new SseReader(events);
    const endpoint = new URL((await reader.next())?.data ?? '', gateway.url).href;
    const foreign = await send('POST', endpoint, MALLORY, initialize);
    expect((await answerOf(foreign)).status).toBe(404);
    expect((await send('POST', endpoint, ALICE, initialize)).status).toBe(202);
    expect(await reader.message()).toMatchObject({ id: 1, result: {} });
    await reader.cancel();
  });

  it('stays its owner’s over a restart of the gateway', async () => {
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir, ...FLAGS);
    const headers = { 'mcp-session-id': session };
    const foreign = await send('POST', stream(), { ...MALLORY, ...headers }, list);
    expect((await answerOf(foreign)).status).toBe(404);
    const own = await send('POST', stream(), { ...ALICE, ...headers }, list);
    expect(own.status).toBe(200);
    expect(await own.json()).toMatchObject({ id: 2, result: { tools: expect.any(Array) } });
  });

  it('is its owner’s alone when the gateway asks for no credentials any more', async () => {
    await gateway.end('SIGTERM');
    gateway = await startGateway(dataDir);
    const response = await send('POST', stream(), { 'mcp-session-id': session }, list);
    expect((await answerOf(response)).status).toBe(404);
  });
});
