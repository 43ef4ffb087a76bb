import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, tinyServer } from '../../support/http-client.ts';
import { initialize, SseReader, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest, VERSION } from '../../support/modern.ts';

const dual = {
  command: process.execPath,
  args: [new URL('../../fixtures/conformance/dual-server.mjs', import.meta.url).pathname],
};

describe('the revision 2026-07-28 through the gateway', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(dataDir);
    await checkStatus(gateway.url, 'dual', dual, 'Persistent');
    await checkStatus(
      gateway.url,
      'chain',
      { url: `${gateway.url}/mcp/stream/proxy/dual`, type: 'http' },
      'Persistent',
    );
    await checkStatus(gateway.url, 'legacy', tinyServer(), 'Persistent');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  const send = (message: ReturnType<typeof modernRequest>, signal?: AbortSignal, id = 'dual') =>
    new StreamableClient(gateway.url, id).post(message, modernHeaders(message), signal);
  const answer = async (message: ReturnType<typeof modernRequest>) => {
    const response = await send(message);
    if (response.headers.get('content-type') !== 'text/event-stream')
      return (await response.json()) as Record<string, unknown>;
    const reader = new SseReader(response);
    for (;;) {
      const heard = await reader.message();
      if ('id' in heard) return heard;
    }
  };
  const call = (id: string | number, name: string, args = {}, more = {}) =>
    modernRequest(id, 'tools/call', { name, arguments: args }, more);

  it.each(['dual', 'chain'])(
    'is spoken with a client of both eras by a backend of both eras (%s)',
    async id => {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/stream/proxy/${id}`)),
      );
      expect(client.getNegotiatedProtocolVersion()).toBe(VERSION);
      const { content } = await client.callTool({
        name: 'test_header_params',
        arguments: { region: 'größe' },
      });
      expect(content).toEqual([{ type: 'text', text: '{"region":"größe"}' }]);
      await client.close();
    },
  );

  it('is refused for a legacy backend such that a client of both eras falls back', async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/stream/proxy/legacy`)),
    );
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25');
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
  });

  it('and a legacy session are served side by side', async () => {
    const legacy = new StreamableClient(gateway.url, 'dual');
    expect(await (await legacy.post(initialize())).json()).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
    expect(await answer(modernRequest(1, 'tools/list'))).toMatchObject({
      id: 1,
      result: { resultType: 'complete' },
    });
  });

  it('takes several rounds, whichever request continues which (requestState is opaque)', async () => {
    const name = 'test_input_required_result_request_state';
    const offers = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const first = await answer(call(1, name, {}, offers));
    expect(first).toMatchObject({ result: { resultType: 'input_required', inputRequests: { confirm: {} } } });
    const { requestState } = first.result as { requestState: string };
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };
    const again = modernRequest(
      1,
      'tools/call',
      { name, arguments: {}, inputResponses, requestState },
      offers,
    );
    expect(await answer(again)).toMatchObject({ result: { content: [{ text: 'state-ok' }] } });
  });

  it('brings changes to the stream that listens for them, under its own id, and to no other (invariant 8)', async () => {
    const abort = new AbortController();
    const listen = (notifications: Record<string, boolean>) =>
      send(modernRequest('same', 'subscriptions/listen', { notifications }), abort.signal);
    const [tools, prompts] = await Promise.all([
      listen({ toolsListChanged: true }),
      listen({ promptsListChanged: true }),
    ]);
    const readers = [new SseReader(tools), new SseReader(prompts)] as const;
    const tag = { _meta: { 'io.modelcontextprotocol/subscriptionId': 'same' } };
    for (const reader of readers)
      expect(await reader.message()).toMatchObject({
        method: 'notifications/subscriptions/acknowledged',
        params: tag,
      });
    await answer(call(1, 'test_trigger_tool_change'));
    await answer(call(1, 'test_trigger_prompt_change'));
    expect(await readers[0].message()).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: tag,
    });
    expect(await readers[1].message()).toMatchObject({
      method: 'notifications/prompts/list_changed',
      params: tag,
    });
    abort.abort();
  });

  it('keeps clients apart that use the same ids and tokens (invariant 8)', async () => {
    const clients = ['a', 'b'].map(async name => {
      for (let id = 1; id <= 50; id++) {
        const region = `${name} ${id}`;
        const message = call(id, 'test_header_params', { region }, { progressToken: 'same' });
        const headers = { ...modernHeaders(message), 'mcp-param-region': region };
        const response = await new StreamableClient(gateway.url, 'dual').post(message, headers);
        expect(await response.json()).toMatchObject({
          id,
          result: { content: [{ text: JSON.stringify({ region }) }] },
        });
      }
    });
    await Promise.all(clients);
  });
});
