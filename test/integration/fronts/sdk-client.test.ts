/** The SDK's own client and transports against the fronts. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deferred } from '../../support/deferred.ts';
import type { FakeCall } from '../../support/fake-lane.ts';
import { type FrontApp, frontApp } from '../../support/front-app.ts';

const tools = [{ name: 'echo', inputSchema: { type: 'object' } }];

interface EchoParams {
  readonly _meta?: { readonly progressToken: string };
  readonly arguments: { readonly text: string };
}

/** A small server: lists one tool; a call that wants progress gets some and is left to the test. */
function serve(call: FakeCall): void {
  if (call.request.method === 'tools/list') call.result({ tools });
  else if (call.request.method === 'tools/call') echo(call);
  else call.result({});
}

function echo(call: FakeCall): void {
  const { _meta: meta, arguments: args } = call.params<EchoParams>();
  if (meta === undefined) {
    call.result({ content: [{ type: 'text', text: args.text }] });
  } else {
    const params = { progressToken: meta.progressToken, progress: 1, total: 2 };
    call.message({ method: 'notifications/progress', params });
    call.session.lane.calls.push(call);
  }
}

const fronts: [string, (front: FrontApp) => Transport][] = [
  [
    'StreamableHTTPClientTransport',
    // The SDK's class declares optional members as possibly undefined, which its own interface excludes.
    ({ origin }) => new StreamableHTTPClientTransport(new URL(`${origin}/mcp/stream/proxy/svc`)) as Transport,
  ],
  ['SSEClientTransport', ({ origin }) => new SSEClientTransport(new URL(`${origin}/mcp/sse/proxy/svc/sse`))],
];

async function connected(
  front: FrontApp,
  transport: Transport,
): Promise<{ client: Client; changed: Promise<void> }> {
  front.lane.answer = serve;
  const client = new Client({ name: 'sdk', version: '1.0.0' });
  onTestFinished(() => client.close());
  const { promise: changed, resolve } = deferred<void>();
  client.setNotificationHandler(ToolListChangedNotificationSchema, async () => resolve());
  await client.connect(transport);
  return { client, changed };
}

describe.each(fronts)('%s', (name, transport) => {
  test('connects, lists tools, calls one with progress, pings', async () => {
    const front = await frontApp();
    const { client } = await connected(front, transport(front));
    expect(client.getServerVersion()).toMatchObject({ name: 'fake' });
    expect(client.getInstructions()).toBe('Be kind.');
    expect((await client.listTools()).tools).toMatchObject(tools);
    const { promise: progress, resolve: onProgress } = deferred<number>();
    const called = client.callTool({ name: 'echo', arguments: { text: 'ho' } }, undefined, {
      onprogress: ({ progress: step }) => onProgress(step),
    });
    expect(await progress).toBe(1);
    (await front.lane.calls.next()).result({ content: [{ type: 'text', text: 'ho' }] });
    expect((await called).content).toEqual([{ type: 'text', text: 'ho' }]);
    await client.ping();
  });

  test('hears what the backend says on its own', async () => {
    const front = await frontApp();
    const { client, changed } = await connected(front, transport(front));
    await client.listTools();
    if (name === 'StreamableHTTPClientTransport') await front.lane.held.next();
    front.lane.sessions[0]?.port.deliver(
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }),
    );
    await changed;
  });

  test('many clients at once each get their own answers', async () => {
    const front = await frontApp();
    const clients = await Promise.all([1, 2, 3, 4].map(() => connected(front, transport(front))));
    const asked = clients.flatMap(({ client }, who) =>
      [1, 2, 3].map(async call => {
        const text = `client ${who} call ${call}`;
        const { content } = await client.callTool({ name: 'echo', arguments: { text } });
        expect(content).toEqual([{ type: 'text', text }]);
      }),
    );
    await Promise.all(asked);
  });
});

test('StreamableHTTPClientTransport ends its session with DELETE', async () => {
  const front = await frontApp();
  const transport = new StreamableHTTPClientTransport(new URL(`${front.origin}/mcp/stream/proxy/svc`));
  await connected(front, transport as Transport);
  expect(front.fronts.sessions).toBe(1);
  await transport.terminateSession();
  expect(front.fronts.sessions).toBe(0);
});
