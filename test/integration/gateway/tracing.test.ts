/** Traces of calls, as a collector gets them from a gateway of its own process with real backends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CollectedSpan, type Collector, startCollector, treeOf } from '../../support/collector.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, configHeader, knock, post, tinyServer } from '../../support/http-client.ts';
import { HttpSseClient, request, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest } from '../../support/modern.ts';

const CLIENT_SPAN = '00f067aa0ba902b7';
const traceOf = (digit: string) => digit.repeat(32);
const traceparent = (digit: string, flags = '01') => `00-${traceOf(digit)}-${CLIENT_SPAN}-${flags}`;
const toolCall = (name: string, _meta?: object, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: args, ...(_meta && { _meta }) },
});
const named = (spans: readonly CollectedSpan[], name: string, kind?: number) => {
  const found = spans.find(span => span.name === name && (kind === undefined || span.kind === kind));
  if (found === undefined) throw new Error(`no span ${name} in ${spans.map(span => span.name).join(', ')}`);
  return found;
};
const SERVER = 2;
const CLIENT = 3;

interface Answer {
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}
/** The `_meta` that the backend got, by the fixture's own account. */
const metaIn = (body: unknown) => JSON.parse((body as Answer).result?.content[0]?.text ?? 'null');

/** Short enough for a test; what is sent at once in each batch is as usual. */
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '50' };

describe('tracing', () => {
  const dataDir = temporaryDirectory();
  let collector: Collector;
  let gateway: RunningGateway;
  let session: Record<string, string>;
  const data = (id: string) => `${gateway.url}/mcp/stream/proxy/${id}`;

  beforeAll(async () => {
    collector = await startCollector();
    gateway = await startGatewayWith({ ...QUICK, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, dataDir);
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    await collector.close();
    removeDirectory(dataDir);
  });

  it('given a client with a trace and a cold service, when it calls, then one tree shows admission, hold, start and appends', async () => {
    const headers = {
      'x-mcp-json': configHeader({ ...tinyServer(), env: { PLANTED: 'a-planted-secret' } }),
      'x-mcp-type': 'Persistent',
      traceparent: traceparent('a'),
      tracestate: 'vendor=1',
    };
    const opened = await knock(gateway.url, 'cold', headers);
    expect(opened.status).toBe(200);
    session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const spans = await collector.until(traceOf('a'), all => all.some(({ name }) => name === 'initialize'));
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
    const { body } = await post(data('cold'), toolCall('meta'), headers);
    const spans = await collector.until(traceOf('b'), all => all.some(({ kind }) => kind === SERVER));
    expect(treeOf(spans, CLIENT_SPAN)).toEqual([{ 'tools/call meta': ['admission', 'tools/call meta'] }]);
    const backend = named(spans, 'tools/call meta', CLIENT);
    expect(metaIn(body)).toEqual({
      traceparent: `00-${traceOf('b')}-${backend.spanId}-01`,
      tracestate: 'vendor=1',
    });
    expect(backend.attributes).toMatchObject({
      'gen_ai.tool.name': 'meta',
      'jsonrpc.request.id': '7',
      'network.transport': 'pipe',
      'mcp.protocol.version': '2025-11-25',
    });
  });

  it('given a trace in the message and another in the headers, then the message counts, the other is linked and the rest of _meta stays', async () => {
    const _meta = { progressToken: 'p', traceparent: `00-${traceOf('c')}-${'1'.repeat(16)}-01`, own: [1] };
    const headers = { ...session, traceparent: traceparent('d') };
    const { body } = await post(data('cold'), toolCall('meta', _meta), headers);
    const spans = await collector.until(traceOf('c'), all => all.some(({ kind }) => kind === SERVER));
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
    const { headers } = await post(data('cold'), toolCall('echo', undefined, { message: 'x' }), session);
    const tid = headers.get('x-request-id') ?? '';
    const spans = await collector.until(tid, all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call echo', SERVER).parentSpanId ?? '').toBe('');
  });

  it('given a client that samples its trace out, then nothing of it is sent, but the backend is told', async () => {
    const headers = { ...session, traceparent: traceparent('e', '00') };
    const { body } = await post(data('cold'), toolCall('meta'), headers);
    expect(metaIn(body).traceparent).toMatch(new RegExp(`^00-${traceOf('e')}-[0-9a-f]{16}-00$`));
    const after = { ...session, traceparent: traceparent('f') };
    await post(data('cold'), toolCall('meta'), after);
    await collector.until(traceOf('f'), all => all.some(({ kind }) => kind === SERVER));
    expect(collector.spans.filter(({ traceId }) => traceId === traceOf('e'))).toEqual([]);
  });

  it('given calls that are refused or fail, then their spans have the code and the reason stays in the log', async () => {
    await knock(gateway.url, 'nobody', { traceparent: traceparent('1') });
    const [refused] = await collector.until(traceOf('1'), all => all.some(({ kind }) => kind === SERVER));
    expect(refused?.attributes['error.type']).toBe('0001');
    const call = toolCall('no-such-tool');
    await post(data('cold'), call, { ...session, traceparent: traceparent('2') });
    const spans = await collector.until(traceOf('2'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call no-such-tool', CLIENT)).toMatchObject({
      attributes: {
        'rpc.response.status_code': '-32602',
        'error.type': '-32602',
      },
      status: { code: 2 },
    });
    await post(data('cold'), toolCall('crash'), { ...session, traceparent: traceparent('3') });
    const lost = await collector.until(traceOf('3'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(lost, 'tools/call crash', SERVER).attributes).toMatchObject({
      'evergate.code': '0005',
      'evergate.outcome': 'lost',
    });
  });

  it('given a service that is started by a request to manage it, then the start belongs to the trace of that', async () => {
    const body = { mcpId: 'managed', mcpJsonConfig: tinyServer(), mcpType: 'OneShot' };
    await post(`${gateway.url}/mcp/stream/check_status`, body, { traceparent: traceparent('4') });
    const spans = await collector.until(traceOf('4'), all => all.some(({ name }) => name === 'start'));
    const [route] = Object.keys(treeOf(spans, CLIENT_SPAN)[0] as object);
    expect(route).toBe('POST /mcp/stream/check_status');
    expect(named(spans, 'start').parentSpanId).toBe(named(spans, route ?? '').spanId);
  });

  it('given a client of the HTTP+SSE front, then its call is traced until the answer is on its stream', async () => {
    const client = await HttpSseClient.connect(gateway.url, '/mcp/sse/proxy/managed/sse');
    await client.open();
    await client.post(toolCall('meta'), client.endpoint, { traceparent: traceparent('5') });
    const answer = await client.stream.message();
    const spans = await collector.until(traceOf('5'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call meta', SERVER).attributes['mcp.protocol']).toBe('sse');
    const { spanId } = named(spans, 'tools/call meta', CLIENT);
    expect(metaIn(answer).traceparent).toBe(`00-${traceOf('5')}-${spanId}-01`);
    await client.stream.cancel();
  });

  it('given a remote backend, which is this gateway again, then the trace goes on there, in either era', async () => {
    const dual = new URL('../../fixtures/conformance/dual-server.mjs', import.meta.url).pathname;
    await checkStatus(gateway.url, 'dual', { command: process.execPath, args: [dual] }, 'Persistent');
    await checkStatus(gateway.url, 'chain', { url: data('dual'), type: 'http' }, 'Persistent');
    const params = { name: 'test_simple_text', arguments: {} };
    const message = modernRequest(1, 'tools/call', params);
    const modern = { ...modernHeaders(message), traceparent: traceparent('6') };
    await (await new StreamableClient(gateway.url, 'chain').post(message, modern)).text();
    const legacy = await new StreamableClient(gateway.url, 'chain').open();
    await (await legacy.post(request(1, 'tools/call', params), { traceparent: traceparent('7') })).text();
    for (const digit of ['6', '7']) {
      const spans = await collector.until(
        traceOf(digit),
        all => all.filter(({ kind }) => kind === SERVER).length === 2,
      );
      const call = 'tools/call test_simple_text';
      const [tree] = treeOf(
        spans.filter(({ name }) => name === call),
        CLIENT_SPAN,
      );
      expect(tree).toEqual({ [call]: [{ [call]: [{ [call]: [call] }] }] });
      expect(spans.map(span => span.attributes['network.transport'])).toEqual(
        expect.arrayContaining(['tcp', 'pipe']),
      );
    }
  });

  it('given all that, then no secret of a config and no session id is in any span', () => {
    const sent = collector.posts.map(({ text }) => text).join();
    expect(collector.posts.every(({ path }) => path === '/v1/traces')).toBe(true);
    expect(sent).not.toContain('a-planted-secret');
    expect(sent).not.toContain(session['mcp-session-id']);
  });
});
