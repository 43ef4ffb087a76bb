import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { gatewayHome } from '../../support/gateway-home.ts';
import type { RunningGateway } from '../../support/gateway-process.ts';
import {
  callTool,
  configHeader,
  knock,
  post,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';

const asPersistent = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' };

/** Lets the process write no file beyond its meta pages, as a full disk would; or lifts that. */
function limitFiles(gateway: RunningGateway, limit: '8192' | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(gateway.process.pid), `--fsize=${limit}:`]);
}

async function openSession(url: string, id: string): Promise<string> {
  const { headers, body } = await knock(url, id);
  const session = headers.get('mcp-session-id');
  if (session === null) throw new Error(`no session: ${JSON.stringify(body)}`);
  return session;
}

async function echo(url: string, id: string, session: string): Promise<string> {
  const call = {
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'echo', arguments: { message: 'hi' } },
  };
  const { body } = await post(`${url}/mcp/stream/proxy/${id}`, call, { 'mcp-session-id': session });
  return JSON.stringify(body);
}

describe.skipIf(process.platform !== 'linux')('a disk that is full', () => {
  const home = gatewayHome();

  it('given it fills up, then what needs a write is refused 0009 with the reason, what is Ready serves, and all goes on when there is room', async () => {
    const gateway = await home.start();
    const { url } = gateway;
    await knock(url, 'ready', asPersistent);
    await untilState(url, 'ready', /^Ready/);
    const session = await openSession(url, 'ready');

    limitFiles(gateway, '8192');
    for (const id of ['new', 'another']) {
      const { status, headers, body } = await knock(url, id, asPersistent);
      expect([status, body.code]).toEqual([503, '0009']);
      expect(body.message).toMatch(/event log.*(ulimit -f|disk)/);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await echo(url, 'ready', session)).toContain('hi');
    expect(await callTool(url, 'ready', 'echo', { message: 'a session of its own' })).toContain('of its own');
    expect((await statusOf(url, 'ready')).state).toMatch(/^Ready/);
    expect((await statusOf(url, 'new')).status).toBe('Error');

    limitFiles(gateway, 'unlimited');
    await knock(url, 'new', asPersistent);
    await untilState(url, 'new', /^Ready/);
    expect(await callTool(url, 'new', 'echo', { message: 'room again' })).toBe('room again');
    expect(await echo(url, 'ready', session)).toContain('hi');
    expect(await gateway.end('SIGTERM')).toBe(0);
  });
});
