import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { readMessage } from '../../../../src/backends/rpc/text.ts';
import { Denial } from '../../../../src/http/fronts/denial.ts';
import { readModernBody, requireVersion } from '../../../../src/http/fronts/modern/body.ts';
import { decodeHeaderValue, standsFor } from '../../../../src/http/fronts/modern/header-values.ts';
import { paramFault, paramHeaders } from '../../../../src/http/fronts/modern/param-headers.ts';
import { checkStandardHeaders } from '../../../../src/http/fronts/modern/standard-headers.ts';
import { meta, VERSION } from '../../../support/modern.ts';

const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** The JSON-RPC code it was denied with; null when it was not. */
function codeOf(run: () => unknown): number | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Denial) return error.rpcCode;
    throw error;
  }
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const { [VERSION_KEY]: _version, ...withoutVersion } = meta;
const { 'io.modelcontextprotocol/clientCapabilities': _capabilities, ...withoutCapabilities } = meta;
const { 'io.modelcontextprotocol/clientInfo': _info, ...withoutInfo } = meta;

describe('the metadata of a POST, and its version header (2026-07-28)', () => {
  const read = (header: string | undefined, message: object) => {
    const request = { headers: { 'mcp-protocol-version': header } } as unknown as FastifyRequest;
    const read = readMessage(JSON.stringify({ jsonrpc: '2.0', ...message }));
    if (read.kind === 'response') throw new Error('responses are of no era');
    const body = readModernBody(request, read);
    return body === null ? null : requireVersion(body, read.kind);
  };
  const request = (params?: object) => ({ id: 1, method: 'tools/list', ...(params && { params }) });
  const notification = (params?: object) => ({ method: 'notifications/x', ...(params && { params }) });

  test.each([
    ['no header, no metadata', undefined, request()],
    ['a legacy header, no metadata', '2025-11-25', request({ _meta: { progressToken: 1 } })],
    ['an unknown header, no metadata', 'v999.0.0', request()],
    ['a legacy notification', '2025-11-25', notification()],
    ['a mention of the key elsewhere', undefined, request({ note: VERSION_KEY })],
  ])('%s: the legacy era', (_name, header, message) => {
    expect(read(header, message)).toBeNull();
  });

  test.each([
    ['equal', VERSION, request({ _meta: meta }), VERSION],
    [
      'of an unknown version',
      'v999.0.0',
      request({ _meta: { ...meta, [VERSION_KEY]: 'v999.0.0' } }),
      'v999.0.0',
    ],
    ['without clientInfo', VERSION, request({ _meta: withoutInfo }), VERSION],
    ['notification by its header', VERSION, notification(), VERSION],
    ['notification by itself', undefined, notification({ _meta: meta }), VERSION],
  ])('%s: the modern era', (_name, header, message, version) => {
    expect(read(header, message)).toBe(version);
  });

  test.each([
    ['no params', VERSION, request(), -32602],
    ['no _meta', VERSION, request({}), -32602],
    ['no version', VERSION, request({ _meta: withoutVersion }), -32602],
    ['a version that is no string', VERSION, request({ _meta: { ...meta, [VERSION_KEY]: 1 } }), -32602],
    ['no capabilities', VERSION, request({ _meta: withoutCapabilities }), -32602],
    [
      'clientInfo that is no object',
      VERSION,
      request({ _meta: { ...meta, 'io.modelcontextprotocol/clientInfo': 1 } }),
      -32602,
    ],
    [
      'a notification’s version that is no string',
      undefined,
      notification({ _meta: { [VERSION_KEY]: 1 } }),
      -32602,
    ],
    ['no header', undefined, request({ _meta: meta }), -32020],
    ['another version in the header', '2025-11-25', request({ _meta: meta }), -32020],
    [
      'an unknown version in the body alone',
      VERSION,
      request({ _meta: { ...meta, [VERSION_KEY]: 'v9' } }),
      -32020,
    ],
    ['a notification’s other version', '2025-11-25', notification({ _meta: meta }), -32020],
  ])('%s: refused', (_name, header, message, code) => {
    expect(codeOf(() => read(header, message))).toBe(code);
  });
});

describe('Mcp-Method and Mcp-Name', () => {
  const check = (headers: IncomingHttpHeaders, method: string, params: Record<string, unknown> = {}) => {
    const kind = method.startsWith('notifications/') ? 'notification' : 'request';
    return codeOf(() => checkStandardHeaders(headers, { kind, id: 1, method, text: '' } as never, params));
  };
  const call = { 'mcp-method': 'tools/call' };

  test.each<[string, IncomingHttpHeaders, string, Record<string, unknown>, number | null]>([
    ['the method alone', { 'mcp-method': 'tools/list' }, 'tools/list', {}, null],
    ['no method', {}, 'tools/list', {}, -32020],
    ['another method', { 'mcp-method': 'prompts/list' }, 'tools/list', {}, -32020],
    ['another case', { 'mcp-method': 'TOOLS/LIST' }, 'tools/list', {}, -32020],
    ['a notification without headers', {}, 'notifications/x', {}, null],
    [
      'a notification with another method',
      { 'mcp-method': 'notifications/y' },
      'notifications/x',
      {},
      -32020,
    ],
    ['the name', { ...call, 'mcp-name': 'add' }, 'tools/call', { name: 'add' }, null],
    ['the name in Base64', { ...call, 'mcp-name': base64('größe') }, 'tools/call', { name: 'größe' }, null],
    ['no name', call, 'tools/call', { name: 'add' }, -32020],
    ['another name', { ...call, 'mcp-name': 'sub' }, 'tools/call', { name: 'add' }, -32020],
    ['bad Base64', { ...call, 'mcp-name': '=?base64?YWRk?=?=' }, 'tools/call', { name: 'add' }, -32020],
    [
      'characters beyond ASCII',
      { ...call, 'mcp-name': 'gr\u00f6' },
      'tools/call',
      { name: 'gr\u00f6' },
      -32020,
    ],
    ['a body without a name', call, 'tools/call', {}, null],
    [
      'the uri',
      { 'mcp-method': 'resources/read', 'mcp-name': 'a:b' },
      'resources/read',
      { uri: 'a:b' },
      null,
    ],
    [
      'another uri',
      { 'mcp-method': 'resources/read', 'mcp-name': 'a:c' },
      'resources/read',
      { uri: 'a:b' },
      -32020,
    ],
    ['a prompt', { 'mcp-method': 'prompts/get' }, 'prompts/get', { name: 'p' }, -32020],
    [
      'a name that the method does not repeat',
      { 'mcp-method': 'x/y', 'mcp-name': 'z' },
      'x/y',
      { name: 'w' },
      null,
    ],
  ])('%s', (_name, headers, method, params, code) => {
    expect(check(headers, method, params)).toBe(code);
  });
});

describe('Mcp-Param-*', () => {
  const text = { type: 'string', 'x-mcp-header': 'Region' };
  const schema = (properties: object) => ({ type: 'object', properties });

  test.each<[string, unknown, unknown]>([
    [
      'an annotation',
      schema({ a: text, b: { type: 'string' } }),
      [{ path: ['a'], header: 'mcp-param-region' }],
    ],
    ['a nested one', schema({ a: schema({ b: text }) }), [{ path: ['a', 'b'], header: 'mcp-param-region' }]],
    ['none', schema({ a: { type: 'string' } }), []],
    ['no schema', undefined, []],
    ['a name that no header can have', schema({ a: { ...text, 'x-mcp-header': 'a b' } }), []],
    ['a name that is no string', schema({ a: { ...text, 'x-mcp-header': 1 } }), []],
    ['a type that is not allowed', schema({ a: { ...text, type: 'object' } }), []],
    ['the same name twice', schema({ a: text, b: { ...text, 'x-mcp-header': 'REGION' } }), []],
    ['one at the root', { ...schema({}), ...text }, []],
    ['one that properties do not lead to', { type: 'object', anyOf: [schema({ a: text })] }, []],
  ])('%s', (_name, inputSchema, headers) => {
    expect(paramHeaders(inputSchema)).toEqual(headers);
  });

  const fault = (header: string | undefined, value: unknown) => {
    const headers = header === undefined ? {} : { 'mcp-param-region': header };
    return paramFault(paramHeaders(schema({ a: text })), { a: value }, headers);
  };

  test.each<[string, string | undefined, unknown]>([
    ['equal', 'us', 'us'],
    ['in Base64', base64(' us\n'), ' us\n'],
    ['only the prefix of Base64', '=?base64?dXM=', '=?base64?dXM='],
    ['only the suffix', 'dXM=?=', 'dXM=?='],
    ['no value, no header', undefined, undefined],
    ['null, no header', undefined, null],
    ['a header without a value', 'us', null],
    ['a number, as a number', '42.0', 42],
    ['a truth value', 'true', true],
    ['what no header can stand for', undefined, { x: 1 }],
    ['an integer beyond the safe range', undefined, 2 ** 60],
  ])('%s: right', (_name, header, value) => {
    expect(fault(header, value)).toBeNull();
  });

  test.each<[string, string | undefined, unknown]>([
    ['missing', undefined, 'us'],
    ['another value', 'eu', 'us'],
    ['bad padding', '=?base64?dXM?=', 'us'],
    ['bad characters', '=?base64?d!M=?=', 'us'],
    ['no UTF-8', `=?base64?${Buffer.from([0xff]).toString('base64')}?=`, 'us'],
    ['control characters', 'u\x01s', 'us'],
    ['another number', '43', 42],
    ['a truth value in another case', 'True', true],
  ])('%s: wrong', (_name, header, value) => {
    expect(fault(header, value)).toContain('mcp-param-region');
  });

  test('an inherited member is no argument', () => {
    const headers = paramHeaders(schema({ constructor: text }));
    expect(paramFault(headers, {}, {})).toBeNull();
  });

  test('the shortest Base64 stands for nothing; prefix and suffix may not share characters', () => {
    expect(decodeHeaderValue('=?base64??=')).toBe('');
    expect(decodeHeaderValue('=?base64?=')).toBe('=?base64?=');
    expect(standsFor('', '')).toBe(true);
  });
});
