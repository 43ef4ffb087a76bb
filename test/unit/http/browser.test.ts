/** What a browser is told: security headers on every answer, CORS for named origins alone. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dataRoute, testApp } from '../../support/http-app.ts';

describe('security headers', () => {
  it('given any answer of ours, a refusal included, then it is nothing but data to a browser', async () => {
    const { app } = testApp();
    for (const url of ['/mcp/check/status/a', '/health', '/nowhere', '/mcp/check/status/%ZZ'])
      expect([url, (await app.inject({ url })).headers]).toMatchObject([
        url,
        { 'x-content-type-options': 'nosniff' },
      ]);
    const { headers } = await app.inject({ url: '/mcp/check/status/a' });
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
  });

  it('given the page, then it keeps the policy of its own', async () => {
    const { app } = testApp();
    const { headers } = await app.inject({ url: '/ui', headers: { accept: 'text/html' } });
    // Where the page is not built yet, the refusal that says so has the common policy.
    const isPage = headers['content-type'] === 'text/html; charset=utf-8';
    expect(headers['content-security-policy']).toContain(
      isPage ? "script-src 'self'" : "default-src 'none'; frame",
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('given a data route, then its answers are not sniffed, and carry no more than that', async () => {
    const { app } = testApp({ fronts: dataRoute(() => 'reached') });
    const { headers } = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', payload: {} });
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBeUndefined();
  });
});

const page = 'https://app.example.com';
const preflight = {
  method: 'OPTIONS',
  url: '/mcp/stream/proxy/a',
  headers: {
    origin: page,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,mcp-session-id',
  },
} as const;

describe('CORS', () => {
  it('given no setting, then a page of another origin is refused, and no answer has a header of CORS', async () => {
    const { app } = testApp();
    for (const request of [preflight, { url: '/mcp/check/status/a', headers: { origin: page } }]) {
      const { statusCode, headers } = await app.inject(request);
      expect(statusCode).toBe(403);
      expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    }
    const { headers } = await app.inject({
      url: '/mcp/check/status/a',
      headers: { origin: 'http://localhost' },
    });
    expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  it('given its origin in corsOrigins, then its preflight is answered without a token, and it may read the session id', async () => {
    const sha256 = createHash('sha256').update('sesame').digest();
    const authTokens = [{ name: 'ci', scopes: ['call' as const], services: null, sha256 }];
    const fronts = dataRoute(() => 'reached');
    const { app } = testApp({ settings: { corsOrigins: [page], authTokens }, fronts });
    const allowed = await app.inject(preflight);
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-headers': 'content-type,mcp-session-id',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-max-age': '600',
    });
    const call = { method: 'POST', url: '/mcp/stream/proxy/a', payload: {} } as const;
    const refused = await app.inject({ ...call, headers: { origin: page } });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, page]);
    const served = await app.inject({ ...call, headers: { origin: page, authorization: 'Bearer sesame' } });
    expect(served.statusCode).toBe(200);
    expect(served.headers['access-control-expose-headers']).toContain('mcp-session-id');
    expect(served.headers.vary).toBe('origin');
  });

  it('given a gateway that takes no new work, then a preflight is answered all the same, and the page may read the refusal', async () => {
    const pressure = { reason: 'memory is short (maxMemoryBytes)' };
    const { app } = testApp({
      settings: { corsOrigins: [page] },
      pressure,
      fronts: dataRoute(() => 'reached'),
    });
    for (const draining of [false, true]) {
      app.gateway.draining = draining;
      expect((await app.inject(preflight)).statusCode).toBe(204);
      const call = {
        method: 'POST',
        url: '/mcp/stream/proxy/a',
        payload: {},
        headers: { origin: page },
      } as const;
      const { statusCode, headers } = await app.inject(call);
      expect([statusCode, headers['access-control-allow-origin']]).toEqual([503, page]);
      expect(headers['access-control-expose-headers']).toContain('retry-after');
    }
  });

  it('given an origin that may call without CORS, then no page of it is told that it may read', async () => {
    const { app } = testApp({ settings: { corsOrigins: [page] } });
    const headers = { origin: 'http://localhost:3000' };
    const reply = await app.inject({ url: '/mcp/check/status/a', headers });
    expect([reply.statusCode, reply.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });

  it.each([
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://evil.example',
    'null',
  ])('given another origin, %s, then it is refused as before', async origin => {
    const { app } = testApp({ settings: { corsOrigins: [page] } });
    const { statusCode, headers } = await app.inject({ url: '/mcp/check/status/a', headers: { origin } });
    expect([statusCode, headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });
});
