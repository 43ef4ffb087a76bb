/** Every code, as it leaves the house (contract §1). */
import { describe, expect, it } from 'vitest';
import { Refusal, type RefusalCode } from '../../../src/actors/refusal.ts';
import { variants } from '../../../src/http/errors.ts';
import { rpcErrorBody, sendRefusal } from '../../../src/http/refuse.ts';
import { dataRoute, testApp } from '../../support/http-app.ts';

/** Contract §1, written out a second time on purpose. */
const table: readonly (readonly [RefusalCode, number, number])[] = [
  ['0001', 404, -32011],
  ['0002', 429, -32012],
  ['0003', 503, -32013],
  ['0004', 503, -32014],
  ['0005', 502, -32015],
  ['0006', 410, -32016],
  ['0007', 409, -32017],
  ['0008', 400, -32700],
  ['0009', 503, -32019],
  ['0010', 404, -32601],
  ['0011', 400, -32602],
  ['0012', 403, -32010],
  ['0013', 413, -32600],
  ['0014', 504, -32018],
];

function refusing(refusal: Refusal) {
  return dataRoute(() => {
    throw refusal;
  });
}

describe.each(table)('code %s', (code, status, rpcCode) => {
  it(`is HTTP ${status} with the envelope on a management route`, async () => {
    const { app, services } = testApp();
    services.fault = new Refusal(code, 'because of a test');
    const reply = await app.inject('/mcp/check/status/a');
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toEqual({
      code,
      message: expect.stringContaining('because of a test'),
      data: null,
      tid: reply.headers['x-request-id'],
      success: false,
    });
  });

  it(`carries the JSON-RPC error ${rpcCode} besides on a data route`, async () => {
    const { app } = testApp({ fronts: refusing(new Refusal(code, 'because of a test', 1200)) });
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
    expect([reply.statusCode, reply.headers['retry-after']]).toEqual([status, '2']);
    const message = expect.stringContaining('because of a test');
    const tid = reply.headers['x-request-id'];
    expect(reply.json()).toEqual({
      code,
      message,
      data: null,
      tid,
      success: false,
      jsonrpc: '2.0',
      id: null,
      error: { code: rpcCode, message, data: { code, tid, retryAfterMs: 1200, delivered: false } },
    });
  });

  it(`is HTTP ${code <= '0007' ? 200 : status} with compatHttp200`, async () => {
    const { app, services } = testApp({ settings: { compatHttp200: true } });
    services.fault = new Refusal(code, 'because of a test');
    const reply = await app.inject('/mcp/check/status/a');
    expect([reply.statusCode, reply.json().code]).toEqual([code <= '0007' ? 200 : status, code]);
  });
});

describe('a fault of the gateway itself on a data route', () => {
  it('does not say that the call may be repeated: it may have been forwarded', async () => {
    const faulty = dataRoute(() => {
      throw new Error('a bug');
    });
    const { app } = testApp({ fronts: faulty });
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
    expect(reply.json().error).toMatchObject({ code: -32603, data: { delivered: true } });
  });
});

describe('a refusal', () => {
  it.each([
    [0, '1'],
    [1, '1'],
    [1000, '1'],
    [1001, '2'],
    [29_500, '30'],
  ])(
    'given a retry in %i ms, when sent, then Retry-After is %s whole seconds',
    async (retryAfterMs, seconds) => {
      const { app } = testApp({ fronts: refusing(new Refusal('0002', 'cooling', retryAfterMs)) });
      const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
      expect(reply.headers['retry-after']).toBe(seconds);
    },
  );

  it('given no retry that can help, when sent, then there is no Retry-After', async () => {
    const { app } = testApp({ fronts: refusing(new Refusal('0002', 'cooling')) });
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
    expect(reply.headers['retry-after']).toBeUndefined();
  });

  it('takes the id of the request, and the second status and error code of the contract', async () => {
    const { app } = testApp({
      fronts: (scope, _options, done) => {
        scope.post('/mcp/stream/proxy/:id', (request, reply) =>
          sendRefusal(request, reply, new Refusal('0008', 'a batch'), {
            rpcId: 7,
            status: 406,
            ...variants.notJsonRpc,
          }),
        );
        done();
      },
    });
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
    expect(reply.statusCode).toBe(406);
    expect(reply.json()).toMatchObject({ code: '0008', id: 7, error: { code: -32600 } });
  });

  it('can go into a stream as the JSON-RPC error alone', async () => {
    const { app } = testApp({
      fronts: dataRoute(request => rpcErrorBody(request, new Refusal('0014', 'too slow'), { rpcId: 'x' })),
    });
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a' });
    expect(Object.keys(reply.json())).toEqual(['jsonrpc', 'id', 'error']);
    expect(reply.json()).toMatchObject({ id: 'x', error: { code: -32018 } });
  });
});

describe('paths that lead nowhere', () => {
  it.each([
    ['GET', '/nowhere?token=s3cret'],
    ['GET', '/mcp/sse/add'],
    ['POST', '/health'],
    ['GET', '/mcp/stream/proxying/a'],
    ['GET', '/mcp/check/status/a/b'],
  ] as const)('%s %s is 0010 without a JSON-RPC error', async (method, url) => {
    const { app } = testApp();
    const reply = await app.inject({ method, url });
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toMatchObject({ code: '0010', success: false });
    expect(reply.json()).not.toHaveProperty('jsonrpc');
    expect(reply.body).not.toContain('s3cret');
  });

  it('is 0010 with a JSON-RPC error below /proxy/', async () => {
    const { app } = testApp();
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a/b/c', payload: { a: 1 } });
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toMatchObject({ code: '0010', jsonrpc: '2.0', error: { code: -32601 } });
  });

  it.each([
    ['GET', '/mcp/check/status'],
    ['GET', '/mcp/check/status/'],
    ['DELETE', '/mcp/config/delete/'],
    ['POST', '/mcp/stream/proxy/'],
    ['POST', '/mcp/stream/proxy?x=1'],
    ['GET', '/mcp/sse/proxy/'],
  ] as const)('%s %s names no id: 0001 with 400', async (method, url) => {
    const { app } = testApp({ fronts: dataRoute(() => 'reached') });
    const reply = await app.inject({ method, url });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0001']);
  });
});
