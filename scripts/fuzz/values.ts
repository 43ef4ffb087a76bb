/** What requests are made of: ids, configs, headers, and JSON-RPC messages, good ones and bad ones. */
import fc from 'fast-check';
import { tinyServer } from './fixture.ts';

/** Ids of services that come and go. */
const COMMON = ['a', 'b', 'c'];
const ODD = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    '.',
    '..',
    '...',
    ' ',
    '%',
    '%2f',
    '%252f',
  ],
  ...[
    'a/b',
    'a\\b',
    '\u0000',
    '\n',
    '\u202e',
    'é',
    '😀',
    'x'.repeat(128),
    'x'.repeat(129),
    'x'.repeat(1024),
    '😀'.repeat(128),
  ],
  ...[
    'null',
    'undefined',
    '0',
    '-1',
    '*',
    ':id',
    '{id}',
    '?',
    '#',
    '&',
    '"',
    "'",
    '<script>',
    '$(id)',
    '../../etc/passwd',
    '',
  ],
];

const id = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...COMMON) },
  { weight: 4, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

/** Without halves of surrogate pairs, which no URL can carry. */
export const wellFormed = (text: string) => Buffer.from(text).toString();

/** An id as part of a path: escaped as it should be, or not. */
export const pathId = fc.oneof(
  { weight: 20, arbitrary: id.map(text => encodeURIComponent(wellFormed(text))) },
  { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{0,30}$/) },
  { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%ff', '%00', '%2e%2e', '%C0%AF', '..%2f..', ';x=y') },
);

const server = fc.oneof(
  { weight: 10, arbitrary: fc.constant(tinyServer()) },
  { weight: 2, arbitrary: fc.constantFrom({ command: '/bin/false' }, { command: '/bin/true', args: ['x'] }) },
  { weight: 1, arbitrary: fc.constant({ url: 'http://127.0.0.1:9/mcp', maxRetries: 0 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom({ command: 'no-such-program' }, { command: 'sh', args: ['-c', 'id'] }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        command: fc.oneof(fc.constant('/bin/true'), fc.string(), fc.jsonValue()),
        args: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 })),
        env: fc.oneof(fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), fc.jsonValue({ maxDepth: 1 })),
        url: fc.oneof(fc.webUrl(), fc.string()),
        headers: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
        tools: fc.jsonValue({ maxDepth: 2 }),
        isolation: fc.constantFrom('auto', 'shared', 'session', 'none'),
        limits: fc.jsonValue({ maxDepth: 2 }),
        timeout: fc.oneof(fc.integer(), fc.jsonValue({ maxDepth: 0 })),
      },
      { requiredKeys: [] },
    ),
  },
);

const config = fc.oneof(
  { weight: 3, arbitrary: server },
  {
    weight: 3,
    arbitrary: fc.dictionary(fc.string(), server, { maxKeys: 2 }).map(mcpServers => ({ mcpServers })),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const configText = fc.oneof(
  config.map(value => JSON.stringify(value)),
  fc.string(),
);

const type = fc.constantFrom('OneShot', 'Persistent', 'oneshot', 'PERSISTENT', '', 'never', null);

/** What the fields of management bodies mean. */
export const MEANINGS = {
  ...{ mcpId: id, mcp_id: id, mcpType: type, mcp_type: type, type },
  ...{ config, mcpJsonConfig: fc.oneof(config, configText), mcp_json_config: fc.oneof(config, configText) },
};

const versions = fc.constantFrom(
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
  '1999-01-01',
  '',
);
const text = (...texts: string[]) => fc.constantFrom(...texts);
const base64 = configText.map(json => Buffer.from(json).toString('base64'));

const odd = fc.record(
  {
    accept: fc.oneof(
      {
        weight: 6,
        arbitrary: text('application/json, text/event-stream', 'text/event-stream', '*/*', 'text/html'),
      },
      { weight: 1, arbitrary: fc.stringMatching(/^[ -~]{0,40}$/) },
    ),
    'content-type': fc.oneof(
      { weight: 8, arbitrary: text('application/json') },
      {
        weight: 1,
        arbitrary: text('text/plain', 'application/json; charset=utf-16', 'multipart/form-data', '', 'x/y'),
      },
    ),
    'mcp-protocol-version': versions,
    'mcp-method': text('tools/call', 'tools/list', 'x', '=?base64?eA==?='),
    'mcp-name': text('echo', 'x', '=?base64?ZWNobw==?=', '=?base64?%?='),
    'x-mcp-json': fc.oneof(
      { weight: 5, arbitrary: base64 },
      { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{0,40}$/) },
    ),
    'x-mcp-type': text('persistent', 'oneShot', 'x', ''),
    prefer: text('wait=0', 'wait=1', 'wait=-1', 'wait="x', 'respond-async'),
    traceparent: text('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-0-0-0', 'x'.repeat(500)),
    'accept-language': text('zh-TW', 'zh-CN;q=0.1, en', '*', ';;;q=', '\u00ff'),
    authorization: text(
      'Bearer call',
      'Bearer some',
      'Bearer nobody',
      'Bearer',
      'Basic eDp5',
      'Bearer a.b.c',
    ),
    origin: text('http://localhost', 'https://evil.example', 'null', ''),
    host: text('localhost', 'evil.example', '127.0.0.1:1', '[::1]', 'a b'),
    'x-http-method-override': text('DELETE'),
    'x-forwarded-for': text('10.0.0.1', "'; drop"),
    'if-none-match': text('*', '"x"'),
    range: text('bytes=0-1'),
  },
  { requiredKeys: [] },
);

/** What every good client sends. */
export const GOOD = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
/** Two odd ones among them. */
export const oddHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .tuple(odd, fc.nat(16))
  .map(([more, from]) => some(more, from));
const start = fc.constantFrom(tinyServer(), tinyServer(), { command: '/bin/false' }).map(server => ({
  'x-mcp-json': Buffer.from(JSON.stringify(server)).toString('base64'),
  'x-mcp-type': 'oneShot',
}));

/** Good ones, with a config, with something odd, or only odd ones; sessions and event ids are put in when they are sent. */
export const headers: fc.Arbitrary<Readonly<Record<string, string | undefined>>> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(GOOD) },
  { weight: 2, arbitrary: start.map(more => ({ ...GOOD, ...more })) },
  {
    weight: 4,
    arbitrary: oddHeaders.map(more => ({ ...GOOD, ...more })),
  },
  { weight: 3, arbitrary: odd },
);

/** Two of them. */
function some(headers: object, from: number): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries([...entries, ...entries].slice(from % Math.max(1, entries.length)).slice(0, 2));
}
