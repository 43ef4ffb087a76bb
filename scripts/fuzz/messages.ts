/** Bodies for the data routes: JSON-RPC, nearly JSON-RPC, and anything else. */
import fc from 'fast-check';

const rpcId = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 20 }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.string(),
      fc.double(),
      fc.constantFrom(null, {}, [], true, 2 ** 53, Infinity, '\u0000'),
    ),
  },
);
const method = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      ...[
        'initialize',
        'notifications/initialized',
        'ping',
        'tools/list',
        'tools/call',
        'resources/subscribe',
      ],
      ...[
        'logging/setLevel',
        'notifications/cancelled',
        'server/discover',
        'subscriptions/listen',
        'completion/complete',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 1 })) },
);
const version = fc.constantFrom('2025-11-25', '2025-06-18', '2024-11-05', '2026-07-28', '1', 7);
const meta = fc.record(
  {
    'io.modelcontextprotocol/protocolVersion': version,
    progressToken: fc.oneof(fc.integer(), fc.string(), fc.jsonValue({ maxDepth: 1 })),
  },
  { requiredKeys: [] },
);
const params = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        name: fc.constantFrom(
          'echo',
          'who',
          'crash',
          'sleep',
          'blob',
          'ask_client',
          'stderr_flood',
          'nothing',
          '__proto__',
          7,
        ),
        arguments: fc.oneof(
          fc.record({ message: fc.string(), ms: fc.constant(20), bytes: fc.nat(5_000) }),
          fc.jsonValue(),
        ),
        protocolVersion: version,
        capabilities: fc.oneof(
          fc.constantFrom({}, { sampling: {} }, { elicitation: {}, roots: {} }),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        clientInfo: fc.oneof(fc.constant({ name: 'fuzz', version: '1' }), fc.jsonValue({ maxDepth: 1 })),
        uri: fc.string(),
        level: fc.constantFrom('debug', 'error', 'x'),
        requestId: rpcId,
        cursor: fc.string(),
        _meta: meta,
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const initialize = rpcId.map(id => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } },
}));
const message = fc.oneof(
  { weight: 4, arbitrary: initialize },
  {
    weight: 8,
    arbitrary: fc.record(
      { jsonrpc: fc.constant('2.0'), id: rpcId, method, params },
      { requiredKeys: ['jsonrpc', 'method'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ jsonrpc: fc.constant('2.0'), id: rpcId, result: fc.jsonValue() }) },
  {
    weight: 1,
    arbitrary: fc.record({ jsonrpc: fc.constantFrom('2.0', '1.0', 2), id: rpcId, error: fc.jsonValue() }),
  },
);

/** What a careless or a hostile writer makes of a good text. */
const MUTATIONS: readonly ((json: string) => string)[] = [
  json => json.slice(0, json.length / 2),
  json => json.replace(/"id":/, '"id":1,"\\u0069d":'),
  json => json.replace(/"method":/, '"method":"ping","method":'),
  json => `[${json}]`,
  json => `\ufeff${json}`,
  json => json.replace('{', '{"__proto__":{"method":"x"},'),
  json => `${json}${json}`,
  json => json.replaceAll(':', ' :\n\t'),
  () => '['.repeat(100_000),
  () => '{"a":'.repeat(50_000),
  () => `{"jsonrpc":"2.0","id":${'9'.repeat(5_000)},"method":"ping"}`,
];

/** A text that is no longer what it was. */
export const spoiledBody = (text: string): fc.Arbitrary<Buffer> =>
  fc.constantFrom(...MUTATIONS).map(mutate => Buffer.from(mutate(text)));

export const rpcBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 40, arbitrary: message.map(value => Buffer.from(JSON.stringify(value))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(message, fc.constantFrom(...MUTATIONS))
      .map(([value, mutate]) => Buffer.from(mutate(JSON.stringify(value)))),
  },
  { weight: 1, arbitrary: fc.jsonValue().map(value => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)) },
);
