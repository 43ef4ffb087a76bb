/** What a web page of another origin may do: as much as the browser asks for it, which for some requests is not at all. */
import type { RouteOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { HttpSettings } from '../../../src/http/settings.ts';
import { order } from '../../support/actors-fixtures.ts';
import { apiApp } from '../../support/api-app.ts';
import { dataRoute, stdioConfig, testApp } from '../../support/http-app.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const host = 'localhost:8085';

/** Method and URL of every route that manages services, of the earlier system's and of the API's. */
async function managingRoutes(): Promise<(readonly [string, string])[]> {
  const routes: RouteOptions[] = [];
  await apiApp({ onRoute: route => routes.push(route) }).app.ready();
  return routes
    .flatMap(({ method, url }) => [method].flat().map(each => [each, url] as const))
    .filter(([method, url]) => !SAFE.has(method) && !url.includes('/proxy/'))
    .map(([method, url]) => [method, url.replace(':id', 'a')] as const);
}

/** The answer to a request that a browser sends without asking first (Fetch Standard, "CORS-safelisted"), from such a page. */
async function stop(headers: Record<string, string>, settings: Partial<HttpSettings> = {}) {
  const { app, stage } = apiApp({ settings });
  await stage.ready('a', 'OneShot');
  const request = { method: 'POST', url: '/api/v1/services/a/stop', payload: 'x' } as const;
  const reply = await app.inject({ ...request, headers: { host, 'content-type': 'text/plain', ...headers } });
  return {
    status: reply.statusCode,
    message: reply.json().message,
    isReady: stage.state('a') === 'Ready.Healthy',
  };
}

describe('a page of another origin', () => {
  it('given one on another port of this machine, then no route that manages services takes a request of it', async () => {
    const routes = await managingRoutes();
    expect(routes.map(([, url]) => url)).toEqual(
      expect.arrayContaining(['/mcp/stream/check_status', '/mcp/sse/add', '/api/v1/services/a/restart']),
    );
    for (const [method, url] of routes) {
      const { app, stage } = apiApp();
      stage.registry.declare('a', order('OneShot'), false);
      const payload = { mcpId: 'b', mcpJsonConfig: stdioConfig, mcp_json_config: stdioConfig };
      const headers = { host, origin: 'http://localhost:3000' };
      const reply = await app.inject({ method: method as 'POST', url, headers, payload });
      expect([url, reply.statusCode, reply.json().code]).toEqual([url, 403, '0012']);
      expect(stage.state('a')).toBe('Pending.Asleep');
      expect(stage.state('b')).toBe('unknown');
    }
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:8085', 'http://localhost', 'http://gate.example:3000'])(
    'given %s, then it stops nothing, and the refusal names the remedy',
    async origin => {
      const { status, message, isReady } = await stop({ origin }, { allowedHosts: ['gate.example'] });
      expect([status, isReady]).toEqual([403, true]);
      expect(message).toContain('add it to the setting corsOrigins');
    },
  );

  it.each<[string, string, Partial<HttpSettings>]>([
    ['the gateway’s own page', 'http://localhost:8085', {}],
    ['an origin of corsOrigins', 'http://localhost:3000', { corsOrigins: ['http://localhost:3000'] }],
    ['publicUrl', 'https://mcp.example.com', { publicUrl: 'https://mcp.example.com' }],
    ['a host of allowedHosts', 'https://gate.example', { allowedHosts: ['Gate.example'] }],
    ['a host and port of allowedHosts', 'http://gate.example:81', { allowedHosts: ['gate.example:81'] }],
    ['a host and its scheme’s port', 'https://gate.example', { allowedHosts: ['gate.example:443'] }],
    ['the same the other way round', 'http://gate.example:80', { allowedHosts: ['gate.example'] }],
  ])('given %s, then it may manage services', async (_, origin, settings) => {
    expect(await stop({ origin }, settings)).toMatchObject({ status: 200, isReady: false });
  });

  it('given none, since it is no page, then it may', async () => {
    expect(await stop({})).toMatchObject({ status: 200, isReady: false });
  });

  it('given one on another port of this machine, then it may look and call: a browser asks before it calls', async () => {
    const { app } = testApp({ fronts: dataRoute(() => ({ code: 'reached' })) });
    const headers = { host, origin: 'http://localhost:3000' };
    const call = { method: 'POST', url: '/mcp/stream/proxy/a', payload: {} } as const;
    expect((await app.inject({ ...call, headers })).json()).toEqual({ code: 'reached' });
    expect((await app.inject({ url: '/mcp/check/status/a', headers })).statusCode).toBe(200);
    const preflight = { ...headers, 'access-control-request-method': 'POST' };
    const asked = await app.inject({ method: 'OPTIONS', url: call.url, headers: preflight });
    expect([asked.statusCode, asked.headers['access-control-allow-origin']]).toEqual([404, undefined]);
  });
});
