/** Calls as good clients make them, at services that stay, in a session that fits; and the same with one thing wrong. */
import fc from 'fast-check';
import { spoiledBody } from './messages.ts';
import type { Plan } from './requests.ts';
import { GOOD, oddHeaders } from './values.ts';

const TOKEN = { authorization: 'Bearer all' };
const MODERN = '2026-07-28';

/** Ids that nothing else under way has, for most. */
const rpcId = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1_000, max: 2 ** 31 }) },
  { weight: 1, arbitrary: fc.uuid() },
);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string({ unit: 'binary-ascii' }));
const meta = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ progressToken: fc.oneof(fc.integer(), text) }) },
  { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }) },
);
const tool = (name: string, args: fc.Arbitrary<object>) =>
  args.map(values => ['tools/call', { name, arguments: values }] as const);

/** What the small server answers: mostly a result, for some an error of its own. */
const legacy = fc.oneof(
  { weight: 4, arbitrary: tool('echo', fc.record({ message: text })) },
  { weight: 1, arbitrary: tool('blob', fc.record({ bytes: fc.nat(100_000) })) },
  { weight: 1, arbitrary: tool('sleep', fc.record({ ms: fc.nat(30) })) },
  { weight: 1, arbitrary: tool('stderr_flood', fc.record({ bytes: fc.nat(5_000) })) },
  { weight: 1, arbitrary: tool('meta', fc.dictionary(text, fc.jsonValue())) },
  { weight: 1, arbitrary: tool('who', fc.constant({})) },
  { weight: 2, arbitrary: fc.constantFrom(['tools/list', {}] as const, ['ping', {}] as const) },
  { weight: 1, arbitrary: fc.constantFrom(['resources/list', {}] as const) },
);
const modern = fc.constantFrom(
  ['tools/call', { name: 'test_simple_text', arguments: {} }] as const,
  ['tools/list', {}] as const,
  ['server/discover', {}] as const,
  ['prompts/list', {}] as const,
);

const message = (id: unknown, [method, params]: readonly [string, object], _meta: object) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, ...(Object.keys(_meta).length > 0 && { _meta }) },
  });

const legacyCall = fc
  .tuple(
    rpcId,
    legacy,
    meta,
    fc.constantFrom('calm', 'calm', 'calm', 'a', 'b'),
    fc.constantFrom('stream', 'stream', 'sse'),
  )
  .map(([id, call, more, service, front]) => ({
    path: `/mcp/${front}/proxy/${service}${front === 'sse' ? '/message' : ''}`,
    headers: { ...GOOD, ...TOKEN },
    text: message(id, call, more),
    fits: true,
  }));

const modernCall = fc.tuple(rpcId, modern, meta).map(([id, call, more]) => {
  const [method, params] = call;
  const own = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const named = 'name' in params ? { 'mcp-name': params.name } : {};
  return {
    path: '/mcp/stream/proxy/dual',
    headers: { ...GOOD, ...TOKEN, 'mcp-protocol-version': MODERN, 'mcp-method': method, ...named },
    text: message(id, call, { ...more, ...own }),
    fits: false,
  };
});

type Call = typeof legacyCall extends fc.Arbitrary<infer T> ? T : never;

const plan = ({ path, headers, text: body, fits }: Call, session: number): Plan => ({
  method: 'POST',
  path,
  headers,
  body: Buffer.from(body),
  session: fits ? session : null,
  fits,
  event: null,
  impatient: false,
});

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 3, arbitrary: legacyCall },
  { weight: 1, arbitrary: modernCall },
);

const good = fc.tuple(call, fc.nat()).map(([given, session]) => plan(given, session));

/** One thing of it is not as it should be. */
const spoilt = fc.tuple(call, fc.nat(), fc.nat(3), oddHeaders).chain(([given, session, what, odd]) => {
  const whole = plan(given, session);
  if (what === 0) return spoiledBody(given.text).map(body => ({ ...whole, body }));
  if (what === 1) return fc.constant({ ...whole, headers: { ...whole.headers, ...odd } });
  if (what === 2) return fc.constant({ ...whole, impatient: true });
  return fc.constant({ ...whole, fits: false });
});

export const goodCalls: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: good },
  { weight: 1, arbitrary: spoilt },
);
