import { describe, expect, test } from 'vitest';
import { initializeResult, negotiate, readIntroduction } from '../../../src/http/fronts/handshake.ts';

describe('the version that is agreed on', () => {
  test.each([
    ['2025-06-18', '2025-11-25', '2025-06-18'],
    ['2025-11-25', '2025-11-25', '2025-11-25'],
    ['2025-11-25', '2025-03-26', '2025-03-26'],
    ['2026-07-28', '2025-11-25', '2025-11-25'],
    ['2026-07-28', '2026-07-28', '2025-11-25'],
    ['nonsense', '2025-06-18', '2025-06-18'],
    ['2024-11-05', '2024-10-07', '2024-10-07'],
    ['2024-10-07', '2025-06-18', '2024-10-07'],
  ])('client %s, backend %s: %s', (client, backend, agreed) => {
    expect(negotiate(client, backend)).toBe(agreed);
  });
});

describe('what initialize says', () => {
  const text = (params: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });

  test('is kept; capabilities and clientInfo may be missing', () => {
    expect(readIntroduction(text({ protocolVersion: 'v' }), 1_000)).toEqual({
      protocolVersion: 'v',
      capabilities: {},
      clientInfo: null,
    });
  });

  test.each([
    ['params', undefined],
    ['params', []],
    ['params.protocolVersion', {}],
    ['params.protocolVersion', { protocolVersion: 1 }],
    ['params.capabilities', { protocolVersion: 'v', capabilities: [] }],
    ['params.capabilities', { protocolVersion: 'v', capabilities: null }],
    ['params.clientInfo', { protocolVersion: 'v', clientInfo: 'me' }],
  ])('is refused with 0011 naming %s: %j', (name, params) => {
    const read = () => readIntroduction(text(params), 1_000);
    expect(read).toThrow(
      expect.objectContaining({ code: '0011', reason: expect.stringContaining(`${name} of`) }),
    );
  });

  const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });

  test.each(['capabilities', 'clientInfo'])(
    'is refused when its %s are nested too deeply to be kept',
    name => {
      const read = (levels: number) => () =>
        readIntroduction(text({ protocolVersion: 'v', [name]: nested(levels) }), 10_000);
      expect(read(63)).not.toThrow();
      expect(read(64)).toThrow(
        expect.objectContaining({ code: '0011', reason: expect.stringContaining(`params.${name}`) }),
      );
    },
  );

  test('invariant 10: is refused when it is too long to be kept', () => {
    const long = text({ protocolVersion: 'v', clientInfo: { name: 'x'.repeat(1_000) } });
    expect(() => readIntroduction(long, 1_000)).toThrow(expect.objectContaining({ code: '0013' }));
  });
});

test('the answer has no member for instructions that the backend did not give', () => {
  const backend = {
    era: 'legacy' as const,
    protocolVersion: 'x',
    capabilities: {},
    serverInfo: { name: 's' },
  };
  expect(JSON.parse(initializeResult('7', '2025-06-18', backend))).toEqual({
    jsonrpc: '2.0',
    id: '7',
    result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's' } },
  });
});
