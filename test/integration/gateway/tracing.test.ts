/** Traces of calls, as a collector gets them from a gateway of its own process with real backends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treeOf } from '../../support/collector.ts';
import { configHeader, knock, post, tinyServer } from '../../support/http-client.ts';
import {
  CLIENT,
  CLIENT_SPAN,
  metaIn,
  named,
  SERVER,
  startTraced,
  type TracedGateway,
  toolCall,
  traceOf,
  traceparent,
} from '../../support/traces.ts';

describe('tracing', () => {
  let traced: TracedGateway;
  let session: Record<string, string>;

  beforeAll(async () => {
    traced = await startTraced();
  });
  afterAll(() => traced.end());

  it('given a client with a trace and a cold service, when it calls, then one tree shows admission, hold, start and appends', async () => {
    const headers = {
      'x-mcp-json': configHeader({ ...tinyServer(), env: { PLANTED: 'a-planted-secret' } }),
      'x-mcp-type': 'Persistent',
      traceparent: traceparent('a'),
      tracestate: 'vendor=1',
    };
    const opened = await knock(traced.url, 'cold', headers);
    expect(opened.status).toBe(200);
    session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const spans = await traced.collector.until(traceOf('a'), all =>
      all.some(({ name }) => name === 'initialize'),
    );
    expect(treeOf(spans, CLIENT_SPAN)).toEqual([
      {
        initialize: [
          {
            admission: [
              'append registered',
              {
                hold: [
                  {
                    start: [
                      'append start requested',
                      'append start permitted',
                      'append spawned',
                      'append start succeeded',
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
    expect(named(spans, 'initialize').attributes).toMatchObject({
      'mcp.id': 'cold',
      'mcp.type': 'Persistent',
      'mcp.protocol': 'stream',
      'mcp.method.name': 'initialize',
      'evergate.code': '0000',
    });
    expect(named(spans, 'start').attributes).toMatchObject({
      'mcp.id': 'cold',
      'evergate.state': 'Ready.Healthy',
    });
  });

  it('given a warm service, when a tool is called, then admission and backend call are there, and the backend is told of the latter', async () => {
    const headers = { ...session, traceparent: traceparent('b'), tracestate: 'vendor=1' };
    const { body } = await post(traced.data('cold'), toolCall('meta'), headers);
    const spans = await traced.collector.until(traceOf('b'), all => all.some(({ kind }) => kind === SERVER));
    expect(treeOf(spans, CLIENT_SPAN)).toEqual([{ 'tools/call meta': ['admission', 'tools/call meta'] }]);
    const backend = named(spans, 'tools/call meta', CLIENT);
    expect(metaIn(body)).toEqual({
      traceparent: `00-${traceOf('b')}-${backend.spanId}-01`,
      tracestate: 'vendor=1',
    });
    expect(backend.attributes).toMatchObject({
      'mcp.id': 'cold',
      'mcp.type': 'Persistent',
      'gen_ai.tool.name': 'meta',
      'jsonrpc.request.id': '7',
      'network.transport': 'pipe',
      'mcp.protocol.version': '2025-11-25',
    });
  });

  it('given a long message, then it is traced like any other and arrives whole', async () => {
    const message = 'x'.repeat(200_000);
    const call = toolCall('echo', undefined, { message });
    const { body } = await post(traced.data('cold'), call, { ...session, traceparent: traceparent('9') });
    expect(body).toMatchObject({ result: { content: [{ text: message }] } });
    const spans = await traced.collector.until(traceOf('9'), all => all.some(({ kind }) => kind === SERVER));
    expect(treeOf(spans, CLIENT_SPAN)).toEqual([{ 'tools/call echo': ['admission', 'tools/call echo'] }]);
  });

  it('given a trace in the message and another in the headers, then the message counts, the other is linked and the rest of _meta stays', async () => {
    const _meta = { progressToken: 'p', traceparent: `00-${traceOf('c')}-${'1'.repeat(16)}-01`, own: [1] };
    const headers = { ...session, traceparent: traceparent('d') };
    const { body } = await post(traced.data('cold'), toolCall('meta', _meta), headers);
    const spans = await traced.collector.until(traceOf('c'), all => all.some(({ kind }) => kind === SERVER));
    const call = named(spans, 'tools/call meta', SERVER);
    expect(call.parentSpanId).toBe('1'.repeat(16));
    expect(call.links?.map(({ spanId }) => spanId)).toEqual([CLIENT_SPAN]);
    expect(call.attributes['evergate.tid']).toBe(traceOf('d'));
    expect(metaIn(body)).toMatchObject({
      own: [1],
      traceparent: `00-${traceOf('c')}-${named(spans, 'tools/call meta', CLIENT).spanId}-01`,
    });
  });

  it('given a client without a trace, then the trace has the id of the answer', async () => {
    const { headers } = await post(
      traced.data('cold'),
      toolCall('echo', undefined, { message: 'x' }),
      session,
    );
    const tid = headers.get('x-request-id') ?? '';
    const spans = await traced.collector.until(tid, all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call echo', SERVER).parentSpanId ?? '').toBe('');
  });

  it('given a client that samples its trace out, then nothing of it is sent, but the backend is told', async () => {
    const headers = { ...session, traceparent: traceparent('e', '00') };
    const { body } = await post(traced.data('cold'), toolCall('meta'), headers);
    expect(metaIn(body).traceparent).toMatch(new RegExp(`^00-${traceOf('e')}-[0-9a-f]{16}-00$`));
    const after = { ...session, traceparent: traceparent('f') };
    await post(traced.data('cold'), toolCall('meta'), after);
    await traced.collector.until(traceOf('f'), all => all.some(({ kind }) => kind === SERVER));
    expect(traced.collector.spans.filter(({ traceId }) => traceId === traceOf('e'))).toEqual([]);
  });

  it('given calls that are refused or fail, then their spans have the code and the reason stays in the log', async () => {
    await knock(traced.url, 'nobody', { traceparent: traceparent('1') });
    const [refused] = await traced.collector.until(traceOf('1'), all =>
      all.some(({ kind }) => kind === SERVER),
    );
    expect(refused?.attributes['error.type']).toBe('0001');
    const call = toolCall('no-such-tool');
    await post(traced.data('cold'), call, { ...session, traceparent: traceparent('2') });
    const spans = await traced.collector.until(traceOf('2'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call no-such-tool', CLIENT)).toMatchObject({
      attributes: {
        'rpc.response.status_code': '-32602',
        'error.type': '-32602',
      },
      status: { code: 2 },
    });
    await post(traced.data('cold'), toolCall('crash'), { ...session, traceparent: traceparent('3') });
    const lost = await traced.collector.until(traceOf('3'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(lost, 'tools/call crash', SERVER).attributes).toMatchObject({
      'evergate.code': '0005',
      'evergate.outcome': 'lost',
    });
  });

  it('given all that, then no secret of a config and no session id is in any span', () => {
    const sent = traced.collector.posts.map(({ text }) => text).join();
    expect(traced.collector.posts.every(({ path }) => path === '/v1/traces')).toBe(true);
    expect(sent).not.toContain('a-planted-secret');
    expect(sent).not.toContain(session['mcp-session-id']);
  });
});
