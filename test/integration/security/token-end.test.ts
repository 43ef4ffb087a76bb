/** Streams and the tokens they were opened with, at a gateway of its own process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorizationServer } from '../../support/authorization-server.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { post, tinyServer } from '../../support/http-client.ts';
import { BOTH, initialize, request, SseReader } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest } from '../../support/modern.ts';

const OPERATOR = { authorization: 'Bearer operator-token' };
/** Long enough to open a stream with it. */
const LIFE_S = 6;

describe('a stream that is opened with a token', () => {
  const dataDir = temporaryDirectory();
  const server = new AuthorizationServer();
  let gateway: RunningGateway;

  beforeAll(async () => {
    await server.start();
    const oauth = ['--oauth-issuer', server.issuer, '--oauth-clock-skew-ms', '0'];
    gateway = await startGateway(
      dataDir,
      ...oauth,
      '--auth-tokens',
      'operator:call+manage+view:operator-token',
    );
    const dual = new URL('../../fixtures/conformance/dual-server.mjs', import.meta.url).pathname;
    for (const [mcpId, mcpJsonConfig] of [
      ['tiny', tinyServer()],
      ['dual', { command: process.execPath, args: [dual] }],
    ] as const) {
      const order = { mcpId, mcpJsonConfig, mcpType: 'Persistent' };
      await post(`${gateway.url}/mcp/stream/check_status`, order, OPERATOR);
      // Held until it is Ready.
      expect((await post(data(mcpId), initialize(), OPERATOR)).status).toBe(200);
    }
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    server.stop();
    removeDirectory(dataDir);
  });

  const bearer = async (lifeS = LIFE_S) => {
    const exp = Math.floor(Date.now() / 1000) + lifeS;
    const token = await server.token(gateway.url, { scope: 'call view', exp });
    return { headers: { authorization: `Bearer ${token}` }, exp };
  };
  const data = (id: string) => `${gateway.url}/mcp/stream/proxy/${id}`;
  async function session(headers: Record<string, string>): Promise<Record<string, string>> {
    const opened = await post(data('tiny'), initialize(), headers);
    return { ...headers, 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  }
  const accept = { accept: 'text/event-stream' };
  const streams = {
    'the stream of a session': async (headers: Record<string, string>) =>
      fetch(data('tiny'), { headers: { ...(await session(headers)), ...accept } }),
    'the stream of the HTTP+SSE front': (headers: Record<string, string>) =>
      fetch(`${gateway.url}/mcp/sse/proxy/tiny/sse`, { headers: { ...headers, ...accept } }),
    'the live events of all services': (headers: Record<string, string>) =>
      fetch(`${gateway.url}/api/v1/events`, { headers: { ...headers, ...accept } }),
    'a subscription of the stateless era': (headers: Record<string, string>) => {
      const message = modernRequest(1, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
      return fetch(data('dual'), {
        method: 'POST',
        headers: { ...headers, ...modernHeaders(message), accept: BOTH, 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
    },
  };

  it.concurrent.each(Object.entries(streams))('ends with it, cleanly: %s', async (_name, open) => {
    const { headers, exp } = await bearer();
    const response = await open(headers);
    expect(response.status).toBe(200);
    const reader = new SseReader(response);
    // A connection that is cut would reject.
    while ((await reader.any()) !== undefined);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect((await fetch(`${gateway.url}/mcp/check/status/tiny`, { headers })).status).toBe(401);
  });

  it('that has no end goes on, as does the answer to a call that outlasts its token', async () => {
    const opened = await streams['the live events of all services'](OPERATOR);
    const { headers, exp } = await bearer();
    const call = request(1, 'tools/call', { name: 'sleep', arguments: { ms: (LIFE_S + 1) * 1000 } });
    const answer = await post(data('tiny'), call, await session(headers));
    expect(Date.now()).toBeGreaterThan(exp * 1000);
    expect(answer.body).toMatchObject({ result: {} });
    const live = new SseReader(opened);
    await post(
      `${gateway.url}/mcp/stream/check_status`,
      { mcpId: 'new', mcpJsonConfig: tinyServer() },
      OPERATOR,
    );
    expect((await live.next())?.event).toBe('record');
    await live.cancel();
  });
});
