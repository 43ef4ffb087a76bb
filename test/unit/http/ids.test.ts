/** What an id may be (contract §2). */
import { describe, expect, it } from 'vitest';
import { readServiceId } from '../../../src/http/ids.ts';
import { stdioConfig, testApp } from '../../support/http-app.ts';

const good = [
  'a',
  '__proto__',
  'constructor',
  'with space',
  'a%2fb',
  '...',
  '.hidden',
  '文件',
  '😀'.repeat(128),
  'x'.repeat(128),
  'a;b?c#d&e=f:g',
];
const bad = [
  '.',
  '..',
  'a/b',
  '/',
  'x'.repeat(129),
  '😀'.repeat(129),
  'a\nb',
  'a\u0000',
  '\u007f',
  '\u0085',
  'a\ud800',
];

describe('an id', () => {
  it.each(good)('may be %j', async id => {
    const { app, services } = testApp();
    services.put(id);
    expect(readServiceId(id)).toBe(id);
    const byPath = await app.inject(`/mcp/check/status/${encodeURIComponent(id)}`);
    expect(byPath.json()).toMatchObject({ code: '0000', data: { ready: true } });
    const payload = { mcpId: id, mcpJsonConfig: stdioConfig };
    const byBody = await app.inject({ method: 'POST', url: '/mcp/sse/check_status', payload });
    expect(byBody.json()).toMatchObject({ code: '0000', data: { ready: true } });
  });

  it.each([...bad, ''])('may not be %j in a body (0011)', async id => {
    const { app, services } = testApp();
    const payload = { mcpId: id, mcpJsonConfig: stdioConfig };
    const reply = await app.inject({ method: 'POST', url: '/mcp/sse/check_status', payload });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain('mcp_id');
    expect(services.orders).toEqual([]);
  });

  it.each(['a%2Fb', 'a%2fb', '%00', 'a%0ab', '%c2%85', 'x'.repeat(129), 'x'.repeat(2000), '%zz', '%ff', '%'])(
    'may not be %.20s in a path (0011)',
    async segment => {
      const { app } = testApp();
      const reply = await app.inject(`/mcp/check/status/${segment}`);
      expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    },
  );

  it('is decoded once: %252f names an id with a literal %2f', async () => {
    const { app, services } = testApp();
    services.put('a%2fb');
    expect((await app.inject('/mcp/check/status/a%252fb')).json().data.ready).toBe(true);
  });
});
