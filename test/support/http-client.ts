/** A client of the gateway's HTTP routes, as plain as curl. */
import { readFileSync } from 'node:fs';

export const tinyServer = (...flags: string[]) => ({
  command: process.execPath,
  args: [new URL('../fixtures/tiny-server.mjs', import.meta.url).pathname, ...flags],
});

export const configHeader = (server: object) => Buffer.from(JSON.stringify(server)).toString('base64');

export interface Envelope {
  readonly code: string;
  readonly message: string;
  readonly success: boolean;
  readonly tid: string;
  readonly data: Record<string, unknown> | null;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const accept = 'application/json, text/event-stream';
  const response = await fetch(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', accept, ...headers },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Envelope };
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Envelope };
}

export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** The data request of these tests: an `initialize` on the Streamable HTTP front. */
export const knock = (url: string, id: string, headers: Record<string, string> = {}) =>
  post(`${url}/mcp/stream/proxy/${id}`, initialize, headers);

export const statusOf = async (url: string, id: string) => {
  const { body } = await get(`${url}/mcp/check/status/${id}`);
  return body.data as {
    state: string;
    status: string;
    ready: boolean;
    lastError: string | null;
    retryAfterMs: number | null;
    message: string;
    type: string;
  };
};

/** Asks again and again until the status is as wished; the test's own timeout is the bound. */
export async function untilState(url: string, id: string, wished: RegExp) {
  for (;;) {
    const status = await statusOf(url, id);
    if (wished.test(String(status.state))) return status;
    await new Promise(resolve => setImmediate(resolve));
  }
}

export const checkStatus = (url: string, mcpId: string, server: object, mcpType: string) =>
  post(`${url}/mcp/stream/check_status`, { mcpId, mcpJsonConfig: server, mcpType });

/** Calls a tool of a service in a session of its own and returns its text. */
export async function callTool(url: string, id: string, name: string, args: object): Promise<string> {
  const opened = await knock(url, id);
  const session = opened.headers.get('mcp-session-id');
  if (session === null) throw new Error(`no session: ${JSON.stringify(opened.body)}`);
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: args } };
  const { body } = await post(`${url}/mcp/stream/proxy/${id}`, call, { 'mcp-session-id': session });
  const { result } = body as unknown as { result?: { content: { text: string }[] } };
  if (result === undefined) throw new Error(`no result: ${JSON.stringify(body)}`);
  return result.content.map(({ text }) => text).join('');
}

/** Whether a process exists and is more than a zombie that its new parent has not reaped. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
