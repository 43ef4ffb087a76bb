/** The routes of the earlier system, data routes apart (contract §2). */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import { stdioConfig, testApp } from '../../support/http-app.ts';

describe('GET /health and /ready', () => {
  it('answer in plain text', async () => {
    const { app } = testApp();
    const health = await app.inject('/health');
    const ready = await app.inject('/ready');
    expect([health.statusCode, health.body]).toEqual([200, 'health']);
    expect([ready.statusCode, ready.body]).toEqual([200, 'ready']);
    expect(ready.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('given replay is not done, when asked, then /ready is 503 and /health is 200', async () => {
    const { app } = testApp({ readiness: () => false });
    expect((await app.inject('/ready')).statusCode).toBe(503);
    expect((await app.inject('/health')).statusCode).toBe(200);
  });
});

describe.each(['/mcp/sse/check_status', '/mcp/stream/check_status'])('POST %s', url => {
  it('given a new id, when asked, then the service is registered and started, and the answer does not wait', async () => {
    const { app, services } = testApp();
    const reply = await app.inject({
      method: 'POST',
      url,
      payload: { mcpId: 'files', mcpJsonConfig: stdioConfig },
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({
      code: '0000',
      success: true,
      data: {
        ready: false,
        status: 'Pending',
        state: 'Pending.Queued',
        type: 'OneShot',
        since: '2026-01-02T03:04:05.000Z',
        retryAfterMs: null,
        lastError: null,
      },
    });
    expect(services.orders).toMatchObject([
      { id: 'files', order: { type: 'OneShot', config: { command: 'node' } } },
    ]);
  });

  it.each([
    ['a string', { mcpId: 'a', mcpJsonConfig: JSON.stringify(stdioConfig), mcpType: 'persistent' }],
    [
      'an object',
      { mcpId: 'a', mcpJsonConfig: stdioConfig, mcpType: 'Persistent', backendProtocol: 'stdio' },
    ],
    ['snake_case', { mcp_id: 'a', mcp_json_config: stdioConfig, mcp_type: 'PERSISTENT', mcpType: null }],
  ])('reads a config given as %s', async (_form, payload) => {
    const { app, services } = testApp();
    const reply = await app.inject({ method: 'POST', url, payload });
    expect(reply.json()).toMatchObject({ code: '0000', data: { type: 'Persistent' } });
    expect(services.orders).toMatchObject([
      { id: 'a', order: { type: 'Persistent', config: { kind: 'stdio' } } },
    ]);
  });

  it.each([
    ['mcpId', { mcpId: 7, mcpJsonConfig: stdioConfig }],
    ['mcp_id', { mcpJsonConfig: stdioConfig }],
    ['mcpJsonConfig', { mcpId: 'a' }],
    ['mcpJsonConfig', { mcpId: 'a', mcpJsonConfig: [] }],
    ['mcpJsonConfig', { mcpId: 'a', mcpJsonConfig: '{' }],
    ['mcpJsonConfig', { mcpId: 'a', mcpJsonConfig: { command: 7 } }],
    ['mcpType', { mcpId: 'a', mcpJsonConfig: stdioConfig, mcpType: 'Eternal' }],
    ['backendProtocol', { mcpId: 'a', mcpJsonConfig: stdioConfig, backendProtocol: 1 }],
    ['body', []],
  ])('names %s when it is wrong (0011)', async (field, payload) => {
    const { app, services } = testApp();
    const reply = await app.inject({ method: 'POST', url, payload });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: '0011', data: null, success: false });
    expect(reply.json().message).toContain(field);
    expect(services.orders).toEqual([]);
  });

  it('repeats nothing of a config that is not JSON', async () => {
    const { app } = testApp();
    const payload = { mcpId: 'a', mcpJsonConfig: '{"env":{"KEY": hunter2' };
    expect((await app.inject({ method: 'POST', url, payload })).body).not.toContain('hunter2');
  });
});

describe('GET /mcp/check/status/{mcp_id}', () => {
  it('tells state, time and last error, and changes nothing', async () => {
    const { app, services } = testApp();
    services.put('a', {
      type: 'Persistent',
      state: 'CoolingDown',
      poll: 'Error',
      retryAfterMs: 1500,
      lastError: 'exited with code 1',
    });
    expect((await app.inject('/mcp/check/status/a')).json().data).toEqual({
      ready: false,
      status: 'Error',
      message: 'The service is not running: exited with code 1',
      state: 'CoolingDown',
      type: 'Persistent',
      since: '2026-01-02T03:04:05.000Z',
      retryAfterMs: 1500,
      lastError: 'exited with code 1',
    });
    expect(services.orders).toEqual([]);
  });

  it('tells that a service is ready', async () => {
    const { app, services } = testApp();
    services.put('a');
    expect((await app.inject('/mcp/check/status/a')).json().data).toMatchObject({
      ready: true,
      status: 'Ready',
    });
  });

  it('given an unknown id, when asked, then the answer is code 0000 and status Error', async () => {
    const { app } = testApp();
    const reply = await app.inject('/mcp/check/status/nobody');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({
      code: '0000',
      success: true,
      data: { ready: false, status: 'Error', state: null, since: null },
    });
  });
});

describe('POST /mcp/{sse,stream}/add', () => {
  it('answers with the paths of the SSE front', async () => {
    const { app } = testApp();
    const payload = { mcp_json_config: JSON.stringify(stdioConfig), mcp_type: 'Persistent' };
    const reply = await app.inject({ method: 'POST', url: '/mcp/sse/add', payload });
    const id = '0'.repeat(32);
    expect(reply.json().data).toEqual({
      mcp_id: id,
      sse_path: `/mcp/sse/proxy/${id}/sse`,
      message_path: `/mcp/sse/proxy/${id}/message`,
      mcp_type: 'Persistent',
    });
  });

  it('answers with the path of the Streamable HTTP front', async () => {
    const { app } = testApp();
    const reply = await app.inject({
      method: 'POST',
      url: '/mcp/stream/add',
      payload: { mcpJsonConfig: stdioConfig },
    });
    const id = '0'.repeat(32);
    expect(reply.json().data).toEqual({
      mcp_id: id,
      stream_path: `/mcp/stream/proxy/${id}`,
      mcp_type: 'OneShot',
    });
  });

  it('given a start that fails, when added, then 0005 has the reason and nothing stays registered', async () => {
    const { app, services } = testApp();
    services.startOutcome = 'fails';
    const reply = await app.inject({
      method: 'POST',
      url: '/mcp/sse/add',
      payload: { mcp_json_config: stdioConfig },
    });
    expect([reply.statusCode, reply.json().code]).toEqual([502, '0005']);
    expect(reply.json().message).toContain('exited with code 1');
    expect(services.status('0'.repeat(32))).toBeUndefined();
  });

  it.each([
    ['mcp_json_config', {}],
    ['mcp_type', { mcp_json_config: stdioConfig, mcp_type: 'x' }],
  ])('names %s when it is wrong (0011)', async (field, payload) => {
    const { app } = testApp();
    const reply = await app.inject({ method: 'POST', url: '/mcp/stream/add', payload });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain(field);
  });
});

describe('DELETE /mcp/config/delete/{mcp_id}', () => {
  it('forgets the service, and says so as often as it is asked', async () => {
    const { app, services } = testApp();
    services.put('a');
    const first = await app.inject({ method: 'DELETE', url: '/mcp/config/delete/a' });
    const second = await app.inject({ method: 'DELETE', url: '/mcp/config/delete/a' });
    expect(first.json()).toMatchObject({
      code: '0000',
      data: { mcp_id: 'a', message: 'The service was stopped and forgotten' },
    });
    expect(second.json()).toMatchObject({
      code: '0000',
      data: { mcp_id: 'a', message: 'There was no such service' },
    });
    expect(services.status('a')).toBeUndefined();
  });

  it('takes the empty JSON body some clients send', async () => {
    const { app } = testApp();
    const headers = { 'content-type': 'application/json' };
    const reply = await app.inject({ method: 'DELETE', url: '/mcp/config/delete/a', headers, payload: '' });
    expect(reply.json().code).toBe('0000');
  });
});

describe('a refusal of the actors', () => {
  it.each(['/mcp/check/status/a', '/mcp/check/status/b'])('reaches the client of %s as it is', async url => {
    const { app, services } = testApp();
    services.fault = new Refusal('0009', 'too many services', 2001);
    const reply = await app.inject(url);
    expect([reply.statusCode, reply.json().code, reply.headers['retry-after']]).toEqual([503, '0009', '3']);
  });

  it('given a fault of the gateway itself, when asked, then 500 tells nothing of it', async () => {
    const { app, services } = testApp();
    services.fault = new Error('secret of the house');
    const reply = await app.inject('/mcp/check/status/a');
    expect([reply.statusCode, reply.json().code]).toEqual([500, '0005']);
    expect(reply.body).not.toContain('secret of the house');
    expect(reply.json().message).toContain(reply.headers['x-request-id']);
  });
});
