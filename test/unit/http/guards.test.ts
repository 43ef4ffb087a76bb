/** Host, Origin and bearer tokens (contract §6; protocol.md, "always"). */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/http/auth/principal.ts';
import type { AuthToken } from '../../../src/http/auth/tokens.ts';
import type { HttpSettings } from '../../../src/http/settings.ts';
import { dataRoute, stdioConfig, testApp } from '../../support/http-app.ts';

async function statusFor(headers: Record<string, string>, settings: Partial<HttpSettings> = {}) {
  const { app } = testApp({ settings });
  const reply = await app.inject({
    url: '/mcp/check/status/a',
    headers: { host: 'localhost:8085', ...headers },
  });
  return [reply.statusCode, reply.json().code];
}
const allowed = [200, '0000'];
const refused = [403, '0012'];

describe('the Host header', () => {
  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8085', '127.9.9.9', '[::1]:8085', 'localhost.'])(
    'may be %s',
    async host => expect(await statusFor({ host })).toEqual(allowed),
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost@evil',
    'localhost:65536',
    'a b',
    '::1',
    '::ffff:127.0.0.1',
  ])('may not be %j', async host => expect(await statusFor({ host })).toEqual(refused));

  it('may be the configured host or one of allowedHosts', async () => {
    const settings = { host: 'gate.example', allowedHosts: ['Other.example:8443', '::2'] };
    expect(await statusFor({ host: 'gate.example:1' }, settings)).toEqual(allowed);
    expect(await statusFor({ host: 'other.example' }, settings)).toEqual(allowed);
    expect(await statusFor({ host: '[::2]:1' }, settings)).toEqual(allowed);
    expect(await statusFor({ host: 'third.example' }, settings)).toEqual(refused);
  });

  it('given a wildcard address, may be any address but not any name', async () => {
    const settings = { host: '0.0.0.0' };
    expect(await statusFor({ host: '10.0.0.1:8085' }, settings)).toEqual(allowed);
    expect(await statusFor({ host: 'evil.example' }, settings)).toEqual(refused);
    expect(await statusFor({ host: 'fe80::1%eth0' }, settings)).toEqual(refused);
  });

  it('is checked on data routes too, whose refusal carries a JSON-RPC error', async () => {
    const { app } = testApp({ fronts: dataRoute(() => 'reached') });
    const request = {
      method: 'POST',
      url: '/mcp/stream/proxy/a',
      headers: { host: 'evil.example' },
    } as const;
    const reply = await app.inject(request);
    expect(reply.statusCode).toBe(403);
    expect(reply.json()).toMatchObject({ code: '0012', error: { code: -32010 } });
  });
});

describe('the Origin header', () => {
  it.each(['http://localhost:6274', 'https://127.0.0.1', 'http://[::1]:1'])('may be %s', async origin =>
    expect(await statusFor({ origin })).toEqual(allowed),
  );

  it.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'file://',
    'http://localhost@evil.example',
    '',
  ])('may not be %j', async origin => expect(await statusFor({ origin })).toEqual(refused));

  it('given a wildcard address, may be the gateway itself but no other address', async () => {
    const settings = { host: '0.0.0.0' };
    const host = '10.0.0.1:8085';
    expect(await statusFor({ host, origin: 'http://10.0.0.1:8085' }, settings)).toEqual(allowed);
    expect(await statusFor({ host, origin: 'http://10.0.0.2:8085' }, settings)).toEqual(refused);
  });
});

describe('bearer tokens', () => {
  const token = (name: string, secret: string, ...scopes: Scope[]): AuthToken => ({
    name,
    scopes,
    services: null,
    sha256: createHash('sha256').update(secret).digest(),
  });
  const authTokens = [
    token('caller', 'calling', 'call'),
    token('boss', 'bossing', 'call', 'manage', 'view'),
    token('eyes', 'viewing', 'view'),
    token('keeper', 'managing', 'manage'),
    { ...token('tenant', 'renting', 'call', 'manage', 'view'), services: ['a'] },
  ];
  const digest = createHash('sha256').update('viewing').digest('hex');
  const send = (
    presented: string | null,
    request: { method: 'GET' | 'POST' | 'DELETE'; url: string },
    extra = {},
  ) => {
    const { app } = testApp({ settings: { authTokens }, fronts: dataRoute(() => ({ code: 'reached' })) });
    const authorization = presented === null ? {} : { authorization: presented };
    const payload = request.url.endsWith('roxy/a') ? {} : { mcpId: 'a', mcpJsonConfig: stdioConfig };
    const body = request.method === 'POST' ? { payload } : {};
    return app.inject({ ...request, ...body, headers: { ...authorization, ...extra } });
  };
  const routes = {
    call: { method: 'POST', url: '/mcp/stream/proxy/a' },
    check: { method: 'POST', url: '/mcp/stream/check_status' },
    add: { method: 'POST', url: '/mcp/sse/add' },
    remove: { method: 'DELETE', url: '/mcp/config/delete/a' },
    status: { method: 'GET', url: '/mcp/check/status/a' },
  } as const;

  it.each([
    ['calling', ['call']],
    ['bossing', ['call', 'check', 'add', 'remove', 'status']],
    ['viewing', ['status']],
  ] as const)('with %s allow exactly %j', async (token, mayDo) => {
    for (const [name, route] of Object.entries(routes)) {
      const expected = (mayDo as readonly string[]).includes(name) ? 200 : 403;
      expect([name, (await send(`Bearer ${token}`, route)).statusCode]).toEqual([name, expected]);
    }
  });

  it.each([
    null,
    'Bearer',
    'Bearer nobody',
    'Basic calling',
    'calling',
    'Bearer ',
    `Bearer sha256:${digest}`,
  ])('are missing from %j: 401 with a challenge', async authorization => {
    const reply = await send(authorization, routes.call);
    expect([reply.statusCode, reply.json().code, reply.json().error.code]).toEqual([401, '0012', -32010]);
    const presented = /^Bearer +\S/.test(authorization ?? '');
    expect(reply.headers['www-authenticate']).toMatch(
      presented ? /^Bearer error="invalid_token"/ : /^Bearer$/,
    );
  });

  it('given a config in x-mcp-json, when calling, then manage is needed besides', async () => {
    const header = { 'x-mcp-json': 'e30=' };
    const refusedReply = await send('Bearer calling', routes.call, header);
    expect(refusedReply.statusCode).toBe(403);
    expect(refusedReply.headers['www-authenticate']).toContain('scope="call manage"');
    expect((await send('Bearer bossing', routes.call, header)).statusCode).toBe(200);
  });

  it.each(['/mcp/stream/%70roxy/a', '/mcp/%73tream/proxy/a', '/%6d%63%70/stream/proxy/a'])(
    'given %s, another spelling of a data route, then call is what it needs, and manage for a config',
    async url => {
      const request = { method: 'POST', url } as const;
      expect((await send('Bearer bossing', request)).json()).toEqual({ code: 'reached' });
      const refusal = await send('Bearer managing', request);
      expect([refusal.statusCode, refusal.json().error?.code]).toEqual([403, -32010]);
      expect(refusal.headers['www-authenticate']).toContain('scope="call"');
      expect((await send('Bearer calling', request)).statusCode).toBe(200);
      expect((await send('Bearer calling', request, { 'x-mcp-json': 'e30=' })).statusCode).toBe(403);
    },
  );

  it('given a list of services, reach those by path or body, and nothing that is about others or about all', async () => {
    for (const route of [routes.call, routes.check, routes.remove, routes.status]) {
      expect([route.url, (await send('Bearer renting', route)).statusCode]).toEqual([route.url, 200]);
    }
    const others = [
      { method: 'POST', url: '/mcp/stream/proxy/b' },
      { method: 'POST', url: '/mcp/stream/proxy/%61b' },
      { method: 'DELETE', url: '/mcp/config/delete/b' },
      { method: 'GET', url: '/mcp/check/status/b' },
      { method: 'POST', url: '/mcp/sse/add' },
    ] as const;
    for (const route of others) {
      const reply = await send('Bearer renting', route);
      expect([route.url, reply.statusCode, reply.json().code]).toEqual([route.url, 403, '0012']);
    }
    const { app, services } = testApp({ settings: { authTokens } });
    const check = await app.inject({
      method: 'POST',
      url: routes.check.url,
      headers: { authorization: 'Bearer renting' },
      payload: { mcpId: 'b', mcpJsonConfig: stdioConfig },
    });
    expect([check.statusCode, check.json().code, services.orders]).toEqual([403, '0012', []]);
  });

  it('given a list of services, reach one of them however its id is spelt in the path', async () => {
    const reply = await send('Bearer renting', { method: 'GET', url: '/mcp/check/status/%61' });
    expect(reply.statusCode).toBe(200);
  });

  it('are not needed for /health and /ready, and are for a route that does not exist', async () => {
    expect((await send(null, { method: 'GET', url: '/health' })).statusCode).toBe(200);
    expect((await send(null, { method: 'GET', url: '/ready' })).statusCode).toBe(200);
    expect((await send(null, { method: 'GET', url: '/nowhere' })).statusCode).toBe(401);
    expect((await send('Bearer viewing', { method: 'GET', url: '/nowhere' })).statusCode).toBe(404);
  });
});
