/** What a data request brings in its headers (contract §3, §5). */
import { describe, expect, it } from 'vitest';
import { readDemand } from '../../../src/http/demand.ts';
import { MAX_WAIT_MS, readWaitMs } from '../../../src/http/prefer.ts';
import { dataRoute, stdioConfig, testApp } from '../../support/http-app.ts';

async function demandOf(headers: Record<string, string>) {
  const { app } = testApp({
    fronts: dataRoute(request => {
      const { order, waitMs } = readDemand(request);
      return { order, waitMs };
    }),
  });
  return app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', headers });
}

const text = JSON.stringify({ command: 'echo', args: ['ü>?>?'] });
const base64 = Buffer.from(text).toString('base64');

describe('x-mcp-json', () => {
  it.each([
    ['base64', base64],
    ['base64url', Buffer.from(text).toString('base64url')],
    ['base64 without padding', base64.replace(/=+$/, '')],
    ['base64 with spaces around', `  ${base64} `],
  ])('is read as %s', async (_form, value) => {
    const reply = await demandOf({ 'x-mcp-json': value });
    expect(reply.json().order).toMatchObject({
      type: 'OneShot',
      config: { command: 'echo', args: ['ü>?>?'] },
    });
  });

  it('is an explicit start, its absence a plain request', async () => {
    const nested = Buffer.from(JSON.stringify(stdioConfig)).toString('base64');
    expect((await demandOf({ 'x-mcp-json': nested })).json().order.config.name).toBe('files');
    expect((await demandOf({})).json()).toEqual({ order: null, waitMs: null });
  });

  it.each([
    ['characters outside the alphabet', `${base64.slice(0, 8)}!${base64.slice(8)}`],
    ['a length no base64 has', `${Buffer.from('{"command":"ab"}  ').toString('base64')}A`],
    ['nothing', ''],
    ['the JSON itself', text],
    ['bytes that are not UTF-8', Buffer.from('{"command":"\xff"}', 'latin1').toString('base64')],
    ['no JSON', Buffer.from('{"secret":hunter2').toString('base64')],
    ['no config', Buffer.from('{"command":7}').toString('base64')],
  ])('with %s is 0011, names the header and repeats nothing', async (_fault, value) => {
    const reply = await demandOf({ 'x-mcp-json': value });
    expect([reply.statusCode, reply.json().code, reply.json().error.code]).toEqual([400, '0011', -32602]);
    expect(reply.json().message).toContain('x-mcp-json');
    expect(reply.body).not.toContain('hunter2');
  });
});

describe('the bound of a config', () => {
  it('makes a longer one 0011, wherever it came in', async () => {
    const settings = { maxConfigBytes: 1024 };
    const { app } = testApp({ settings, fronts: dataRoute(request => readDemand(request).waitMs) });
    const long = { command: 'x'.repeat(1024) };
    const header = { 'x-mcp-json': Buffer.from(JSON.stringify(long)).toString('base64') };
    const replies = await Promise.all([
      app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', headers: header }),
      app.inject({ method: 'POST', url: '/mcp/sse/add', payload: { mcp_json_config: long } }),
      app.inject({
        method: 'POST',
        url: '/mcp/sse/check_status',
        payload: { mcpId: 'a', mcpJsonConfig: JSON.stringify(long) },
      }),
    ]);
    expect(replies.map(reply => reply.json().code)).toEqual(['0011', '0011', '0011']);
  });
});

describe('x-mcp-type', () => {
  it.each([
    ['persistent', 'Persistent'],
    ['Persistent', 'Persistent'],
    ['PERSISTENT', 'Persistent'],
    ['oneShot', 'OneShot'],
    ['OneShot', 'OneShot'],
    ['oneshot', 'OneShot'],
  ])('%s means %s', async (value, type) => {
    expect((await demandOf({ 'x-mcp-json': base64, 'x-mcp-type': value })).json().order.type).toBe(type);
  });

  it('that is unknown is 0011, even without a config', async () => {
    const reply = await demandOf({ 'x-mcp-type': 'eternal' });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain('x-mcp-type');
  });
});

describe('Prefer: wait', () => {
  it.each([
    [undefined, null],
    ['wait=0', 0],
    ['wait=10', 10_000],
    ['Wait = 10', 10_000],
    ['wait="7"', 7000],
    ['respond-async, wait=3', 3000],
    ['wait=3; foo=bar, return=minimal', 3000],
    ['wait=1, wait=2', 1000],
    ['respond-async', null],
    ['await=3', null],
    ['wait', null],
    ['wait=', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait=soon', null],
    ['wait=99999999999999999999', MAX_WAIT_MS],
  ] as const)('%s is %s ms', (header, waitMs) => {
    expect(readWaitMs(header)).toBe(waitMs);
  });

  it('is read from the request', async () => {
    expect((await demandOf({ prefer: 'wait=2' })).json().waitMs).toBe(2000);
  });
});
