import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { launchRemote, RemoteClient, remoteConfig } from '../../support/remote-lane.ts';
import { RemoteServer, status } from '../../support/remote-server.ts';

const result = { result: { method: 'tools/call' } };

/** Redirects one request, then answers as before. */
function redirectOnce(server: RemoteServer, kind: string, code: number, location: string): void {
  server.answers.set(kind, exchange => {
    server.answers.delete(kind);
    status(code, { location })(exchange);
  });
}

describe('redirects', () => {
  it.each([301, 302, 307, 308])('HTTP %i is followed with the same message, once', async code => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url, { headers: { Authorization: 'Bearer x' } }));
    redirectOnce(server, 'tools/call', code, '/mcp/');
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result);
    const [first, second] = server.of('tools/call');
    expect([first?.path, second?.path]).toEqual(['/mcp', '/mcp/']);
    expect(second?.message).toEqual(first?.message);
    expect(second?.headers.authorization).toBe('Bearer x');
  });

  it('take no credential and no session to another origin', async () => {
    const server = await RemoteServer.start();
    const other = await RemoteServer.start();
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k' };
    const lane = await launchRemote(remoteConfig(server.url, { headers }));
    redirectOnce(server, 'tools/call', 307, `http://user:pass@${new URL(other.url).host}/there`);
    await new RemoteClient(lane).call('x');
    const [taken] = other.exchanges;
    expect(taken?.path).toBe('/there');
    expect(taken?.message).toEqual(server.of('tools/call')[0]?.message);
    for (const name of ['authorization', 'cookie', 'x-api-key', 'mcp-session-id']) {
      expect(taken?.headers).not.toHaveProperty(name);
    }
  });

  it.each([
    ['in a circle', (origin: string) => `${origin}/mcp`, /more than 5 times/],
    ['to another scheme', () => 'file:///etc/passwd', /something else than http/],
    ['nowhere', () => 'http://[', /without saying where/],
    ['to a private address', () => 'http://10.0.0.1/x', /^http:\/\/10\.0\.0\.1 is at a private address/],
    ['to a metadata address', () => 'http://[::ffff:169.254.169.254]/', /is at a cloud metadata address/],
  ])('%s are not followed', async (_name, location, reason) => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    server.answers.set('tools/call', exchange =>
      status(307, { location: location(server.origin) })(exchange),
    );
    const outcome = await new RemoteClient(lane).call('x');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: false });
    expect(outcome.reason).toMatch(reason);
    expect(server.of('tools/call').length).toBeLessThanOrEqual(6);
  });
});

describe('with allowedRemoteHosts', () => {
  it('a redirect to a host that is not listed is not followed', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url), { allowedRemoteHosts: ['127.0.0.1'] });
    const other = server.url.replace('127.0.0.1', 'localhost');
    redirectOnce(server, 'tools/call', 307, other);
    const outcome = await new RemoteClient(lane).call('x');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: false });
    expect(outcome.reason).toContain('add the host to the setting allowedRemoteHosts');
    expect(server.of('tools/call')).toHaveLength(1);
  });
});

describe('addresses', () => {
  const at = (...addresses: string[]) => {
    const asked: string[] = [];
    const resolve = async (hostname: string): Promise<LookupAddress[]> => {
      asked.push(hostname);
      return [{ address: addresses.shift() ?? '10.0.0.1', family: 4 }];
    };
    return { asked, resolve };
  };
  const named = (server: RemoteServer) => server.url.replace('127.0.0.1', 'remote.example');

  it('given loopback is not allowed, when a remote is there, then the start fails with the remedy', async () => {
    const server = await RemoteServer.start();
    for (const url of [server.url, named(server)]) {
      const starting = launchRemote(remoteConfig(url), { allowLoopback: false, ...at('127.0.0.1') });
      await expect(starting).rejects.toThrow(
        `${new URL(url).origin} is at a loopback address, which is not allowed; if that is meant, add the host to the ` +
          'setting allowedPrivateHosts',
      );
    }
    expect(server.exchanges).toEqual([]);
    const allowed = { allowLoopback: false, allowedPrivateHosts: ['127.0.0.1'] };
    await launchRemote(remoteConfig(server.url), allowed);
  });

  it('a name is looked up once per connection, and rebinding it between two connections gains nothing', async () => {
    const server = await RemoteServer.start();
    server.keepAlive = false;
    const { resolve, asked } = at('127.0.0.1', '127.0.0.1', '127.0.0.1', '10.0.0.1');
    const lane = await launchRemote(remoteConfig(named(server)), { resolve });
    await server.next('GET');
    const outcome = await new RemoteClient(lane).call('x');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: false, reason: /is at a private address/ });
    expect(asked).toHaveLength(4);
    expect(server.of('initialize')[0]?.headers.host).toBe(new URL(named(server)).host);
  });
});
