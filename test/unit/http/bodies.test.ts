/** Bodies that cannot be read, and bodies the fronts read themselves (contract §1, §2). */
import { describe, expect, it } from 'vitest';
import { dataRoute, stdioConfig, testApp } from '../../support/http-app.ts';

const url = '/mcp/sse/check_status';
const json = { 'content-type': 'application/json' };

describe('a management body', () => {
  it.each([
    ['no JSON', '{"mcpId":'],
    ['empty', ''],
    ['an attack on prototypes', '{"mcpId":"a","__proto__":{"x":1}}'],
  ])('that is %s is 0008', async (_kind, payload) => {
    const { app } = testApp();
    const reply = await app.inject({ method: 'POST', url, headers: json, payload });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0008']);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])(
    'of type %s is 0008 with 415',
    async type => {
      const { app } = testApp();
      const payload = JSON.stringify({ mcpId: 'a', mcpJsonConfig: stdioConfig });
      const reply = await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
      expect([reply.statusCode, reply.json().code]).toEqual([415, '0008']);
    },
  );

  it('that is absent is 0011', async () => {
    const { app } = testApp();
    const reply = await app.inject({ method: 'POST', url });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
  });

  it('may have keys nobody knows', async () => {
    const { app } = testApp();
    const payload = { mcpId: 'a', mcpJsonConfig: stdioConfig, novelty: { a: 1 } };
    expect((await app.inject({ method: 'POST', url, payload })).json().code).toBe('0000');
  });
});

describe('the bound of a body', () => {
  const settings = { maxBodyBytes: 1000 };

  it.each([url, '/mcp/stream/proxy/a'])(
    'makes a longer one to %s 0013, which names the setting',
    async target => {
      const { app } = testApp({ settings, fronts: dataRoute(() => 'reached') });
      const reply = await app.inject({
        method: 'POST',
        url: target,
        headers: json,
        payload: 'x'.repeat(1001),
      });
      expect([reply.statusCode, reply.json().code]).toEqual([413, '0013']);
      expect(reply.json().message).toContain('maxBodyBytes');
      expect(reply.json().error?.code).toBe(target === url ? undefined : -32600);
    },
  );

  it('lets one of exactly that length through', async () => {
    const { app } = testApp({ settings, fronts: dataRoute(() => 'reached') });
    const payload = 'x'.repeat(1000);
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', headers: json, payload });
    expect(reply.body).toBe('reached');
  });

  it('is 20 MiB by default', async () => {
    const { app } = testApp({ fronts: dataRoute(request => String((request.body as Buffer).length)) });
    const size = 20 * 1024 * 1024;
    const send = (bytes: number) =>
      app.inject({
        method: 'POST',
        url: '/mcp/stream/proxy/a',
        headers: json,
        payload: Buffer.alloc(bytes, 32),
      });
    expect((await send(size)).body).toBe(String(size));
    expect((await send(size + 1)).statusCode).toBe(413);
  });
});

describe('a body on a data route', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/octet-stream'])(
    'of type %s arrives as the untouched Buffer',
    async type => {
      const seen: unknown[] = [];
      const { app } = testApp({
        fronts: dataRoute(request => {
          seen.push(request.body);
          return 'ok';
        }),
      });
      const payload = '{"id" : 1, "id":2, "\\u0069d":3} \u0000 not JSON ';
      await app.inject({
        method: 'POST',
        url: '/mcp/stream/proxy/a',
        headers: { 'content-type': type },
        payload,
      });
      expect(seen).toEqual([Buffer.from(payload)]);
    },
  );
});
