/** Sees to it that there is something to ask: two services that run, and sessions with each. */
import { tinyServer } from './fixture.ts';
import type { Plan } from './requests.ts';
import type { Sender } from './send.ts';

const HEADERS = {
  authorization: 'Bearer all',
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } },
};

const post = (path: string, value: object): Plan => ({
  method: 'POST',
  path,
  headers: HEADERS,
  body: Buffer.from(JSON.stringify(value)),
  session: null,
  event: null,
  impatient: false,
});

/** The sender remembers the sessions. What is refused because a bound is reached is for the next time. */
export async function stock(sender: Sender): Promise<void> {
  for (const [mcpId, mcpType] of Object.entries({ a: 'Persistent', b: 'OneShot' })) {
    await sender.send(post('/mcp/stream/check_status', { mcpId, mcpType, mcpJsonConfig: tinyServer() }));
    await sender.send(post(`/mcp/stream/proxy/${mcpId}`, INITIALIZE));
    await sender.send({ ...post(`/mcp/sse/proxy/${mcpId}/sse`, {}), method: 'GET', body: null });
  }
}
