/** Trace ids and handling time (contract §1). */
import { describe, expect, it } from 'vitest';
import { testApp } from '../../support/http-app.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the trace id', () => {
  it('is that of traceparent', async () => {
    const { app } = testApp();
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const reply = await app.inject({ url: '/mcp/check/status/a', headers });
    expect([reply.json().tid, reply.headers['x-request-id']]).toEqual([traceId, traceId]);
  });

  it.each([
    undefined,
    'nonsense',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
    `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${traceId}-00f067aa0ba902b7-01x`,
  ])('is a fresh one when traceparent is %s', async traceparent => {
    const { app } = testApp();
    const headers = traceparent === undefined ? {} : { traceparent };
    const tid = (await app.inject({ url: '/mcp/check/status/a', headers })).json().tid;
    expect(tid).toMatch(/^[0-9a-f]{32}$/);
    expect([traceId, '0'.repeat(32)]).not.toContain(tid);
  });

  it('is not one the client makes up in x-request-id', async () => {
    const { app } = testApp();
    const reply = await app.inject({ url: '/mcp/check/status/a', headers: { 'x-request-id': 'mine' } });
    expect(reply.headers['x-request-id']).not.toBe('mine');
  });
});

describe('x-server-time', () => {
  it('is the handling time in whole microseconds', async () => {
    const times = [1000, 1001.2345];
    const { app } = testApp({ now: () => times.shift() ?? 0 });
    expect((await app.inject('/health')).headers['x-server-time']).toBe('1235');
  });

  it.each(['/health', '/nowhere', '/mcp/check/status/a', '/mcp/check/status/%zz'])(
    'comes, with the trace id, with the answer to %s',
    async url => {
      const { app } = testApp();
      const { headers } = await app.inject(url);
      expect(headers['x-server-time']).toMatch(/^\d+$/);
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    },
  );
});
