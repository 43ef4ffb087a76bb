/** One line per request that was refused. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { HttpSettings } from '../../../src/http/settings.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { RequestMeters } from '../../../src/metrics/request-meters.ts';
import { FakeServices } from '../../support/fake-services.ts';
import { testApp } from '../../support/http-app.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

function given(settings: Partial<HttpSettings> = {}) {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ level: 'info', format: 'json', stream, terminal: false });
  const clock = new SimulatedClock();
  const meters = new RequestMeters();
  const services = new FakeServices();
  return { ...testApp({ logger, clock, settings, meters, services }), lines, clock, meters };
}

describe('a refused request', () => {
  it('given a trace, then its line has the trace id, the service, the code, the status and the cause, and no query', async () => {
    const { app, lines } = given();
    await app.inject({
      method: 'DELETE',
      url: '/mcp/sse/proxy/my%20files?sessionId=secret',
      headers: { traceparent },
    });
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        tid: traceId,
        by: 'anybody',
        method: 'DELETE',
        path: '/mcp/sse/proxy/my%20files',
        code: '0010',
        status: 404,
        cause: 'DELETE /mcp/sse/proxy/my%20files',
        retryAfterMs: null,
        msg: 'refused',
      },
    ]);
  });

  it('given a service and a caller who is known, then the line names both', async () => {
    const sha256 = createHash('sha256').update('sesame').digest();
    const authTokens = [{ name: 'ci', scopes: ['view' as const], services: null, sha256 }];
    const { app, lines } = given({ authTokens });
    const url = `/mcp/check/status/${'x'.repeat(200)}`;
    await app.inject({ url, headers: { authorization: 'Bearer sesame' } });
    expect(lines).toMatchObject([{ id: 'x'.repeat(200), by: 'token:ci', code: '0011', status: 400 }]);
    expect(JSON.stringify(lines)).not.toContain('sesame');
  });

  it('given an answer that is none, then there is no line', async () => {
    const { app, lines } = given();
    await app.inject({ url: '/mcp/check/status/a' });
    await app.inject({ url: '/health' });
    expect(lines).toEqual([]);
  });

  it('given a path of 60 KB, then the line is bounded (invariant 10)', async () => {
    const { app, lines } = given();
    await app.inject({ url: `/${'x'.repeat(60_000)}` });
    expect(JSON.stringify(lines).length).toBeLessThan(2_000);
  });

  it.each([
    [2, 2],
    [0, 1],
  ])(
    'given requests that fail inside the gateway, and %i lines in a second, then %i have one with the stack, and the rest is told as a number',
    async (logRefusalsPerSecond, told) => {
      const { app, lines, clock, services } = given({ logRefusalsPerSecond });
      services.fault = new Error('broken inside');
      for (let n = 0; n < 5; n++) {
        const reply = await app.inject({ url: '/mcp/check/status/a' });
        expect([reply.statusCode, reply.json().code]).toEqual([500, '0005']);
      }
      clock.increment(1000);
      const about = lines.filter(({ msg }) => /fail/.test(String(msg)));
      expect(about.map(({ msg, lines: number }) => [msg, number])).toEqual([
        ...Array.from({ length: told }, () => ['a request failed inside the gateway', undefined]),
        ['lines about requests that failed were left out', 5 - told],
      ]);
      expect(about[0]).toMatchObject({ level: 'error', err: { message: 'broken inside' } });
    },
  );

  it('given more refusals than may be logged in a second, then the rest is told as a number, and all are counted', async () => {
    const { app, lines, clock, meters } = given({ logRefusalsPerSecond: 2 });
    for (let n = 0; n < 7; n++) await app.inject({ url: '/nowhere' });
    clock.increment(1000);
    expect(lines.map(({ msg, lines: number }) => [msg, number])).toEqual([
      ['refused', undefined],
      ['refused', undefined],
      ['lines about refused requests were left out', 5],
    ]);
    expect(meters.refusals['0010']).toBe(7);
  });
});
