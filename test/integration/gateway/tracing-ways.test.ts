/** Traces of calls that take other ways: the other front, the stateless era, a remote backend, a client that goes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treeOf } from '../../support/collector.ts';
import { checkStatus, configHeader, post, tinyServer, untilState } from '../../support/http-client.ts';
import { BOTH, HttpSseClient, initialize, request, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest } from '../../support/modern.ts';
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

  beforeAll(async () => {
    traced = await startTraced();
  });
  afterAll(() => traced.end());

  it('given a service that is started by a request to manage it, then the start belongs to the trace of that', async () => {
    const body = { mcpId: 'managed', mcpJsonConfig: tinyServer(), mcpType: 'OneShot' };
    await post(`${traced.url}/mcp/stream/check_status`, body, { traceparent: traceparent('4') });
    const spans = await traced.collector.until(traceOf('4'), all => all.some(({ name }) => name === 'start'));
    const [route] = Object.keys(treeOf(spans, CLIENT_SPAN)[0] as object);
    expect(route).toBe('POST /mcp/stream/check_status');
    expect(named(spans, 'start').parentSpanId).toBe(named(spans, route ?? '').spanId);
  });

  it('given a client of the HTTP+SSE front, then its call is traced until the answer is on its stream', async () => {
    const client = await HttpSseClient.connect(traced.url, '/mcp/sse/proxy/managed/sse');
    await client.open();
    await client.post(toolCall('meta'), client.endpoint, { traceparent: traceparent('5') });
    const answer = await client.stream.message();
    const spans = await traced.collector.until(traceOf('5'), all => all.some(({ kind }) => kind === SERVER));
    expect(named(spans, 'tools/call meta', SERVER).attributes['mcp.protocol']).toBe('sse');
    const { spanId } = named(spans, 'tools/call meta', CLIENT);
    expect(metaIn(answer).traceparent).toBe(`00-${traceOf('5')}-${spanId}-01`);
    await client.stream.cancel();
  });

  it('given a client that hangs up while it is held, then its trace says so, and that it got no reply', async () => {
    const slow = configHeader(tinyServer('--start-delay-ms', '3600000'));
    const patience = new AbortController();
    const waits = fetch(traced.data('slow'), {
      method: 'POST',
      body: JSON.stringify(initialize()),
      headers: {
        accept: BOTH,
        'content-type': 'application/json',
        'x-mcp-json': slow,
        traceparent: traceparent('8'),
      },
      signal: patience.signal,
    });
    await untilState(traced.url, 'slow', /Pending.Starting/);
    patience.abort();
    await expect(waits).rejects.toThrow();
    await fetch(`${traced.url}/mcp/config/delete/slow`, { method: 'DELETE' });
    const spans = await traced.collector.until(traceOf('8'), all => all.some(({ kind }) => kind === SERVER));
    const { attributes } = named(spans, 'initialize', SERVER);
    expect(attributes).toMatchObject({ 'evergate.outcome': 'cancelled', 'error.type': 'cancelled' });
    expect(attributes).not.toHaveProperty('evergate.code');
    expect(named(spans, 'hold').attributes).toMatchObject({ 'error.type': 'cancelled' });
  });

  it('given a remote backend, which is this gateway again, then the trace goes on there, in either era', async () => {
    const dual = new URL('../../fixtures/conformance/dual-server.mjs', import.meta.url).pathname;
    await checkStatus(traced.url, 'dual', { command: process.execPath, args: [dual] }, 'Persistent');
    await checkStatus(traced.url, 'chain', { url: traced.data('dual'), type: 'http' }, 'Persistent');
    const params = { name: 'test_simple_text', arguments: {} };
    const message = modernRequest(1, 'tools/call', params);
    const modern = { ...modernHeaders(message), traceparent: traceparent('6') };
    await (await new StreamableClient(traced.url, 'chain').post(message, modern)).text();
    const legacy = await new StreamableClient(traced.url, 'chain').open();
    await (await legacy.post(request(1, 'tools/call', params), { traceparent: traceparent('7') })).text();
    for (const digit of ['6', '7']) {
      const spans = await traced.collector.until(
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
});
