import { expect, it } from 'vitest';
import { modernHeaders, traceHeaders } from '../../../src/backends/remote/message-headers.ts';
import { describeOutgoing } from '../../../src/backends/remote/outgoing.ts';

const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
const headersOf = (method: string, params: object, mirrored = {}) =>
  modernHeaders(describeOutgoing(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), mirrored));
const base = { 'mcp-protocol-version': '2026-07-28' };

it.each([
  ['tools/list', { _meta }, { ...base, 'mcp-method': 'tools/list' }],
  ['tools/call', { _meta, name: 'a b' }, { ...base, 'mcp-method': 'tools/call', 'mcp-name': 'a b' }],
  [
    'resources/read',
    { _meta, uri: 'file:///ä' },
    { ...base, 'mcp-method': 'resources/read', 'mcp-name': '=?base64?ZmlsZTovLy/DpA==?=' },
  ],
  ['tools/call', { name: 'x' }, {}],
  ['notifications/€', { _meta }, { ...base, 'mcp-method': '=?base64?bm90aWZpY2F0aW9ucy/igqw=?=' }],
  ['tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '€' } }, {}],
  ['tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '1\r\nx-key: k' } }, {}],
])('%s %j has the headers of its era', (method, params, headers) => {
  expect(headersOf(method, params)).toEqual(headers);
});

it('of what a client sent along only repeated arguments are passed on, and only to the modern era', () => {
  const mirrored = {
    'mcp-param-region': 'eu',
    'mcp-param-x': 'a\nb',
    authorization: 'Bearer mine',
    cookie: 'a=b',
  };
  expect(headersOf('tools/list', { _meta }, mirrored)).toEqual({
    ...base,
    'mcp-method': 'tools/list',
    'mcp-param-region': 'eu',
  });
  expect(headersOf('tools/list', {}, mirrored)).toEqual({});
});

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it.each([
  [{ traceparent }, { traceparent }],
  [
    { traceparent, tracestate: 'vendor=1' },
    { traceparent, tracestate: 'vendor=1' },
  ],
  [{ traceparent, tracestate: 'vendor=1\r\nx-key: k' }, { traceparent }],
  [{ traceparent: `${traceparent}\r\nx-key: k` }, {}],
  [{ traceparent: 1, tracestate: 'vendor=1' }, {}],
  [{}, {}],
])('given the trace %j in its _meta, a message has the headers %j in either era', (trace, headers) => {
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { _meta: trace } });
  expect(traceHeaders(describeOutgoing(text))).toEqual(headers);
});
