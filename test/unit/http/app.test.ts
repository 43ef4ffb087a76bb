/** What the app is made of by default. */
import { expect, it } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { FakeServices } from '../../support/fake-services.ts';

it('leads data routes to the MCP fronts', async () => {
  const app = buildApp({ services: new FakeServices(), readiness: () => true });
  const reply = await app.inject({
    method: 'POST',
    url: '/mcp/stream/proxy/nobody',
    headers: { accept: 'application/json, text/event-stream' },
    payload: {
      jsonrpc: '2.0',
      id: 'first',
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    },
  });
  await app.close();
  expect(reply.statusCode).toBe(404);
  expect(reply.json()).toMatchObject({ code: '0001', jsonrpc: '2.0', id: 'first', error: { code: -32011 } });
});
