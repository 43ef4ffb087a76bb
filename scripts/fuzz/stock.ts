/** Sees to it that there is something to ask: services that run, and sessions with each. */
import { dualServer, tinyServer } from './fixture.ts';
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
  fits: false,
  event: null,
  impatient: false,
});

/** `calm` and `dual` are named by no request that could end them. */
const SERVICES = [
  { mcpId: 'a', mcpType: 'Persistent', mcpJsonConfig: tinyServer() },
  { mcpId: 'b', mcpType: 'OneShot', mcpJsonConfig: tinyServer() },
  { mcpId: 'calm', mcpType: 'Persistent', mcpJsonConfig: tinyServer() },
  { mcpId: 'dual', mcpType: 'Persistent', mcpJsonConfig: dualServer() },
];

/** The sender remembers the sessions. What is refused because a bound is reached is for the next time. */
export async function stock(sender: Sender): Promise<void> {
  for (const service of SERVICES) await sender.send(post('/mcp/stream/check_status', service));
  for (const { mcpId } of SERVICES) {
    await sender.send(opening(`/mcp/stream/proxy/${mcpId}`));
    await sender.send(opening(`/mcp/sse/proxy/${mcpId}`));
  }
}

/** The request that opens a session of a front with a service. */
export function opening(base: string): Plan {
  return base.startsWith('/mcp/sse/')
    ? { ...post(`${base}/sse`, {}), method: 'GET', body: null }
    : post(base, INITIALIZE);
}
