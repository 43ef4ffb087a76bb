import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../../src/http/overload/rate-limit.ts';
import type { HttpSettings } from '../../../../src/http/settings.ts';
import { RequestMeters } from '../../../../src/metrics/request-meters.ts';
import { dataRoute, testApp } from '../../../support/http-app.ts';

const settings = { rateLimitPerSecond: 10, rateLimitBurst: 3, rateLimitPrincipals: 2 };

describe('a bucket per principal', () => {
  it('given a burst, then it is taken, and one request after each tenth of a second from then on', () => {
    const limit = new RateLimit(settings);
    expect([0, 0, 0, 0].map(now => limit.take('a', now))).toEqual([0, 0, 0, 100]);
    expect(limit.take('a', 60)).toBeCloseTo(40);
    expect(limit.take('a', 100)).toBe(0);
    expect(limit.take('a', 150)).toBeCloseTo(50);
  });

  it('given a long pause, then no more than a burst has gathered', () => {
    const limit = new RateLimit(settings);
    limit.take('a', 0);
    expect([1e9, 1e9, 1e9, 1e9].map(now => limit.take('a', now))).toEqual([0, 0, 0, 100]);
  });

  it('given another principal, then it has its own', () => {
    const limit = new RateLimit(settings);
    for (let n = 0; n < 5; n++) limit.take('a', 0);
    expect(limit.take('b', 0)).toBe(0);
  });

  it('given more principals than are remembered, then the first is forgotten (invariant 10)', () => {
    const limit = new RateLimit(settings);
    for (const who of ['a', 'b', 'c', 'd']) limit.take(who, 0);
    expect(limit.size).toBe(2);
  });
});

const token = (name: string) => ({
  name,
  scopes: ['call', 'view'] as const,
  services: null,
  sha256: createHash('sha256').update(name).digest(),
});

function given(more: Partial<HttpSettings> = {}) {
  let now = 0;
  const meters = new RequestMeters();
  const { app } = testApp({
    settings: { rateLimitPerSecond: 1, rateLimitBurst: 2, ...more },
    now: () => now,
    meters,
    fronts: dataRoute(() => 'reached'),
  });
  const call = (from: { token?: string; address?: string } = {}, url = '/mcp/check/status/a') =>
    app.inject({
      url,
      ...(from.address !== undefined && { remoteAddress: from.address }),
      headers: from.token === undefined ? {} : { authorization: `Bearer ${from.token}` },
    });
  const pass = (ms: number) => {
    now += ms;
  };
  return { app, call, pass, meters };
}

describe('the rate limit (contract §1, code 0009)', () => {
  it('given too many requests of one token, then 503 with 0009 and Retry-After, and others are served', async () => {
    const { call, pass, meters } = given({ authTokens: [token('eager'), token('calm')] });
    const eager = { token: 'eager' };
    for (let n = 0; n < 2; n++) expect((await call(eager)).statusCode).toBe(200);
    const refused = await call(eager);
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      503,
      '0009',
      '1',
    ]);
    expect(refused.json().message).toContain('rateLimitPerSecond');
    expect((await call({ token: 'calm' })).statusCode).toBe(200);
    expect(meters.shed.rate_limit).toBe(1);
    pass(1000);
    expect((await call(eager)).statusCode).toBe(200);
  });

  it('given nobody who has to say who they are, then it is by address', async () => {
    const { call } = given();
    for (let n = 0; n < 2; n++) await call({ address: '10.0.0.1' });
    expect((await call({ address: '10.0.0.1' })).statusCode).toBe(503);
    expect((await call({ address: '10.0.0.2' })).statusCode).toBe(200);
  });

  it('given a data route, then the refusal is a JSON-RPC error, too', async () => {
    const { app, call } = given();
    for (let n = 0; n < 2; n++) await call();
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', payload: {} });
    expect(reply.json()).toMatchObject({
      code: '0009',
      error: { code: -32019, data: { retryAfterMs: 1000 } },
    });
  });

  it('given routes that are open, then they are answered always', async () => {
    const { call } = given();
    for (let n = 0; n < 5; n++) expect((await call({}, '/health')).statusCode).toBe(200);
    expect((await call()).statusCode).toBe(200);
  });

  it('given no setting, then there is no limit', async () => {
    const { call } = given({ rateLimitPerSecond: 0 });
    for (let n = 0; n < 20; n++) expect((await call()).statusCode).toBe(200);
  });
});
