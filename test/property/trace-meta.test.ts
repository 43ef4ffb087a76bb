import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceMeta, withTraceContext } from '../../src/backends/rpc/trace-meta.ts';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const KEYS = ['traceparent', 'tracestate', 'progressToken', 'Traceparent', 'baggage', 'own'];

const meta = fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue());
const params = fc.record({ _meta: meta, name: fc.string(), arguments: fc.jsonValue() }, { requiredKeys: [] });
const message = fc.record(
  { jsonrpc: fc.constant('2.0'), id: fc.integer(), method: fc.string(), params },
  { requiredKeys: ['jsonrpc', 'id', 'method'] },
);
const spaced = fc.constantFrom(undefined, 1, '\t');
const tracestate = fc.constantFrom('', 'vendor=1,other=2');

const parsed = (text: string) => JSON.parse(text) as { params?: { _meta?: Record<string, unknown> } };

describe('a message that becomes part of a trace', () => {
  it('names the trace, whatever it named before, and is otherwise what it was', () => {
    fc.assert(
      fc.property(message, spaced, tracestate, (given, space, state) => {
        const text = JSON.stringify(given, null, space).replaceAll('\n', ' ');
        const changed = withTraceContext(text, { traceparent: TRACEPARENT, tracestate: state });
        const read = parsed(changed);
        const { traceparent, tracestate: kept = '', ...rest } = read.params?._meta ?? {};
        expect(traceparent).toBe(TRACEPARENT);
        expect(kept).toBe(state);
        expect(readTraceMeta(changed).traceparent).toBe(TRACEPARENT);
        const expected = parsed(text);
        for (const key of ['traceparent', 'tracestate', 'Traceparent']) {
          if (key !== 'Traceparent' || !('Traceparent' in rest)) delete expected.params?._meta?.[key];
        }
        expect({ ...read, params: { ...read.params, _meta: rest } }).toEqual({
          ...expected,
          params: { ...expected.params, _meta: { ...expected.params?._meta } },
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a message names as its trace', () => {
  const inMeta = (members: string) => `{"method":"ping","params":{"_meta":{${members}}}}`;

  it.each([
    ['twice', `"traceparent":"x","traceparent":"y"`],
    ['with escapes', `"\\u0074raceparent":"x"`],
    ['in another case', `"TraceParent":"x"`],
  ])(
    'given it is named %s, then it is not believed, and replaced by what can be read in one way',
    (_how, members) => {
      expect(readTraceMeta(inMeta(members)).traceparent).toBeUndefined();
      const changed = withTraceContext(inMeta(members), { traceparent: TRACEPARENT, tracestate: '' });
      expect(JSON.parse(changed)).toEqual({
        method: 'ping',
        params: { _meta: { traceparent: TRACEPARENT } },
      });
      expect(changed.split('traceparent')).toHaveLength(2);
    },
  );

  it.each(['{"method":"ping","params":[1]}', '{"method":"ping","params":{"_meta":"x"}}'])(
    'given %s, which is not MCP, then it stays as it is',
    text => {
      expect(withTraceContext(text, { traceparent: TRACEPARENT, tracestate: '' })).toBe(text);
    },
  );

  it('given numbers beyond 2^53 beside it, then they stay as they were written', () => {
    const text = inMeta(`"traceparent":"x","progressToken":12345678901234567890`);
    const changed = withTraceContext(text, { traceparent: TRACEPARENT, tracestate: 'v=1' });
    expect(changed).toContain('"progressToken":12345678901234567890');
    expect(parsed(changed).params?._meta).toMatchObject({ traceparent: TRACEPARENT, tracestate: 'v=1' });
  });
});
