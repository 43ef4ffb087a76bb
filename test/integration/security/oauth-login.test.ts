/** An MCP client that knows nothing but a URL logs in by itself (MCP, "Authorization"). */
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorizationServer } from '../../support/authorization-server.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { initialize, post, tinyServer } from '../../support/http-client.ts';
import { WillingUser } from '../../support/oauth-client.ts';

const OPERATOR = { authorization: 'Bearer operator-token' };

describe('clients of the SDK in front of a gateway that wants OAuth tokens', () => {
  const dataDir = temporaryDirectory();
  const server = new AuthorizationServer();
  let gateway: RunningGateway;

  beforeAll(async () => {
    await server.start();
    const flags = ['--oauth-issuer', server.issuer, '--auth-tokens', 'operator:manage:operator-token'];
    gateway = await startGateway(dataDir, ...flags);
    for (const mcpId of ['files', 'other']) {
      const order = { mcpId, mcpJsonConfig: tinyServer(), mcpType: 'Persistent' };
      const { status } = await post(`${gateway.url}/mcp/stream/check_status`, order, OPERATOR);
      expect(status).toBe(200);
    }
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    server.stop();
    removeDirectory(dataDir);
  });

  const fronts = {
    streamable: (user: WillingUser) =>
      new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/stream/proxy/files`), {
        authProvider: user,
      }),
    sse: (user: WillingUser) =>
      new SSEClientTransport(new URL(`${gateway.url}/mcp/sse/proxy/files/sse`), { authProvider: user }),
    'sse, from its base URL': (user: WillingUser) =>
      new SSEClientTransport(new URL(`${gateway.url}/mcp/sse/proxy/files`), { authProvider: user }),
  };

  /** Connects, logs in when told to, and connects again: what an application does with the SDK. */
  async function login(
    user: WillingUser,
    open: (user: WillingUser) => StreamableHTTPClientTransport | SSEClientTransport,
  ) {
    const first = open(user);
    const stranger = new Client({ name: 'test', version: '1' });
    await expect(stranger.connect(first as Transport)).rejects.toThrow(UnauthorizedError);
    await first.finishAuth(user.code);
    await stranger.close();
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(open(user) as Transport);
    return client;
  }

  it.each(Object.entries(fronts))(
    'it finds the server, registers, logs in and calls a tool (%s)',
    async (_name, open) => {
      const user = new WillingUser();
      const client = await login(user, open);
      try {
        const { content } = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
        expect(content).toEqual([{ type: 'text', text: 'hello' }]);
        expect(user.asked).toEqual(['call']);
      } finally {
        await client.close();
      }
    },
  );

  it('its token is good for the service it logged in to, and for no other', async () => {
    const user = new WillingUser();
    const client = await login(user, fronts.streamable);
    await client.close();
    const headers = { authorization: `Bearer ${user.tokens()?.access_token}` };
    const answer = (id: string) => post(`${gateway.url}/mcp/stream/proxy/${id}`, initialize, headers);
    expect((await answer('files')).status).toBe(200);
    expect((await answer('other')).status).toBe(401);
  });

  it('invariant 8: a session of one user is unknown to another', async () => {
    const url = `${gateway.url}/mcp/stream/proxy/files`;
    const tokenOf = async (sub: string) => ({ authorization: `Bearer ${await server.token(url, { sub })}` });
    const [alice, mallory] = [await tokenOf('alice'), await tokenOf('mallory')];
    const opened = await post(url, initialize, alice);
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    expect((await post(url, list, { ...mallory, ...session })).status).toBe(404);
    // A new token of the same user is the same user.
    const renewed = { authorization: `Bearer ${await server.token(url, { sub: 'alice', jti: 'renewed' })}` };
    expect((await post(url, list, { ...renewed, ...session })).status).toBe(200);
  });
});
