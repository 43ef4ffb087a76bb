import { describe, expect, test } from 'vitest';
import type { ServiceListener } from '../../../src/actors/news.ts';
import { SUBSCRIPTION_ID_KEY } from '../../../src/backends/rpc/meta.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { type FrontApp, frontApp, streaming } from '../../support/front-app.ts';
import { initialize, SseReader, StreamableClient } from '../../support/mcp-client.ts';
import { modernHeaders, modernRequest, VERSION } from '../../support/modern.ts';

const CHANGED = 'notifications/tools/list_changed';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const note = (n: number) => ({ method: 'notifications/message', params: { n } });

/** The fronts, and what tells them that a service's tools are others. */
async function newsApp(): Promise<{ front: FrontApp; tell: (serviceId: string) => void }> {
  let listener: ServiceListener | undefined;
  const news = {
    listen: (given: ServiceListener) => {
      listener = given;
    },
  };
  const front = await frontApp({}, { news });
  return { front, tell: serviceId => listener?.toolsChanged(serviceId) };
}

describe('when a backend came back with other tools', () => {
  test('the sessions of its service with a stream are told, and no others (invariant 8)', async () => {
    const { front, tell } = await newsApp();
    const { reader, session } = await streaming(front);
    const second = await streaming(front);
    tell('other');
    session.port.deliver(JSON.stringify({ jsonrpc: '2.0', ...note(1) }));
    tell('svc');
    expect(await reader.message()).toMatchObject(note(1));
    expect(await reader.message()).toEqual({ jsonrpc: '2.0', method: CHANGED });
    expect(await second.reader.message()).toMatchObject({ method: CHANGED });
  });

  test('a session whose stream broke finds it when it resumes', async () => {
    const { front, tell } = await newsApp();
    const { client, reader } = await streaming(front);
    const lastId = (await reader.any())?.id ?? '';
    await reader.cancel();
    await front.lane.releases.next();
    tell('svc');
    const resumed = new SseReader(await client.get({ 'last-event-id': lastId }));
    expect(await resumed.message()).toMatchObject({ method: CHANGED });
  });

  test('a session that is not initialized yet is told nothing', async () => {
    const { front, tell } = await newsApp();
    const opened = await fetch(`${front.origin}/mcp/sse/proxy/svc/sse`, {
      headers: { accept: 'text/event-stream' },
    });
    const reader = new SseReader(opened);
    const endpoint = (await reader.next())?.data ?? '';
    tell('svc');
    await fetch(new URL(endpoint, front.origin), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(initialize()),
    });
    expect(await reader.message()).toMatchObject({ id: 'init' });
    tell('svc');
    expect(await reader.message()).toMatchObject({ method: CHANGED });
  });

  test('clients are promised that in the answer to initialize, where there are tools at all', async () => {
    const { front } = await newsApp();
    const promised = async (capabilities: FakeLane['handshake']['capabilities']) => {
      front.services.admission = () => new FakeLane({ handshake: { capabilities } });
      const answer = await new StreamableClient(front.origin).post(initialize());
      return ((await answer.json()) as { result: { capabilities: object } }).result.capabilities;
    };
    expect(await promised({ tools: {}, logging: {} })).toEqual({ tools: { listChanged: true }, logging: {} });
    expect(await promised({ prompts: {} })).toEqual({ prompts: {} });
  });
});

describe('subscribers of the modern era', () => {
  /** A `subscriptions/listen` to which the backend agreed as given. */
  async function subscribed(front: FrontApp, lane: FakeLane, id: string, agreed: Record<string, boolean>) {
    const message = modernRequest(id, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const pending = new StreamableClient(front.origin).post(message, modernHeaders(message));
    const call = await lane.calls.next();
    call.message({ method: ACKNOWLEDGED, params: { notifications: agreed } });
    const reader = new SseReader(await pending);
    expect(await reader.message()).toMatchObject({ method: ACKNOWLEDGED });
    return { reader, call };
  }

  test('are told under their own id, if the backend agreed to tell them and the service is theirs', async () => {
    const { front, tell } = await newsApp();
    const handshake = { era: 'modern', protocolVersion: VERSION, supportedVersions: [VERSION] } as const;
    const lane = new FakeLane({ handshake });
    front.services.admission = () => lane;
    const agreed = await subscribed(front, lane, 'a', { toolsListChanged: true });
    const declined = await subscribed(front, lane, 'b', { promptsListChanged: true });
    tell('other');
    tell('svc');
    for (const { call } of [agreed, declined]) call.message(note(1));
    expect(await agreed.reader.message()).toEqual({
      jsonrpc: '2.0',
      method: CHANGED,
      params: { _meta: { [SUBSCRIPTION_ID_KEY]: 'a' } },
    });
    expect(await agreed.reader.message()).toMatchObject(note(1));
    expect(await declined.reader.message()).toMatchObject(note(1));
  });
});
