import { describe, expect, it } from 'vitest';
import { launchRemote, RemoteClient, remoteConfig } from '../../support/remote-lane.ts';
import {
  type Exchange,
  RemoteServer,
  response,
  speakHttpSse,
  status,
  stream,
} from '../../support/remote-server.ts';

const sse = { transport: 'sse' } as const;
/** Streams of the remote that are open now. */
const openStreams = (server: RemoteServer) =>
  server.of('GET').filter(({ response }) => !response.writableEnded && !response.destroyed).length;
const result = (method: string) => ({ result: { method } });

describe('a lane over HTTP+SSE', () => {
  it('posts to the endpoint that the stream names, and hears everything on the stream', async () => {
    const server = await RemoteServer.start();
    speakHttpSse(server);
    const headers = { Authorization: 'Bearer sesame' };
    const lane = await launchRemote(remoteConfig(server.url, { ...sse, headers }));
    expect(lane.handshake).toMatchObject({ serverInfo: { name: 'remote' } });
    const client = new RemoteClient(lane);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const traced = { name: 'x', arguments: {}, _meta: { traceparent } };
    expect(await client.request('tools/call', traced)).toMatchObject(result('tools/call'));
    await expect(lane.probe(5_000)).resolves.toBe(undefined);
    for (const { path, headers: sent } of server.of('tools/call')) {
      expect(path).toBe('/messages?session=1');
      expect(sent).toMatchObject({ authorization: 'Bearer sesame', 'mcp-protocol-version': '2025-11-25' });
      expect(sent).toMatchObject({ traceparent });
    }
    const closed = new Promise<void>(resolve => server.of('GET')[0]?.response.once('close', resolve));
    await lane.close();
    await closed;
  });

  it.each([
    ['another origin', 'http://127.0.0.1:1/steal', /endpoint that is at another origin/],
    ['something else', 'http://[', /endpoint that is no URL/],
  ])('refuses an endpoint at %s', async (_name, endpoint, reason) => {
    const server = await RemoteServer.start();
    speakHttpSse(server, endpoint);
    await expect(launchRemote(remoteConfig(server.url, sse))).rejects.toThrow(reason);
    expect(server.of('initialize')).toEqual([]);
  });

  it.each([
    [401, /HTTP 401; it wants credentials/],
    [200, /answered GET with no event stream/],
  ])('says why it cannot start: %i', async (code, reason) => {
    const server = await RemoteServer.start();
    server.answers.set('GET', status(code));
    await expect(launchRemote(remoteConfig(server.url, sse))).rejects.toThrow(reason);
  });

  it('says why it cannot start: no endpoint event', async () => {
    const server = await RemoteServer.start();
    server.answers.set('GET', exchange => stream(exchange));
    const config = remoteConfig(server.url, { ...sse, timeoutMs: 500 });
    await expect(launchRemote(config)).rejects.toThrow(/sent no endpoint event within 500 ms/);
  });

  it('fails a call that is refused, alone', async () => {
    const server = await RemoteServer.start();
    speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, sse));
    const client = new RemoteClient(lane);
    const taken = server.answers.get('tools/call');
    server.answers.set('tools/call', status(500));
    expect(await client.call('x')).toMatchObject({ kind: 'refused', delivered: true, reason: /HTTP 500/ });
    server.answers.set('tools/call', taken ?? status(500));
    expect(await client.call('x')).toMatchObject(result('tools/call'));
  });

  it('begins a new session when its stream ends: what was taken is lost, what was not goes on (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const remote = speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, sse));
    const client = new RemoteClient(lane);
    const answered = server.answers.get('tools/call');
    server.answers.set('tools/call', status(202));
    const taken = client.call('slow');
    const { message } = await server.next('tools/call');
    server.answers.set('tools/call', answered ?? status(500));
    remote.end();
    expect(await taken).toMatchObject({ kind: 'lost', delivered: true, reason: /ended its event stream/ });
    expect(await client.call('x')).toMatchObject(result('tools/call'));
    expect(server.of('initialize')).toHaveLength(2);
    expect(server.of('notifications/initialized')).toHaveLength(2);
    remote.say(response(message, { late: true }));
    expect(await client.call('y')).toMatchObject(result('tools/call'));
  });

  it('sends a call again, once, that a new session has to be begun for', async () => {
    const server = await RemoteServer.start();
    speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, sse));
    const taken = server.answers.get('tools/call') ?? status(500);
    server.answers.set('tools/call', exchange => {
      server.answers.set('tools/call', taken);
      status(404)(exchange);
    });
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result('tools/call'));
    expect(server.of('GET')).toHaveLength(2);
  });

  /** What the remote makes of the handshake in its second session, and how the lane comes to its third. */
  const spoilers: [string, (remote: ReturnType<typeof speakHttpSse>, exchange: Exchange) => void][] = [
    ['refuses initialize', (_remote, exchange) => status(503)(exchange)],
    [
      'refuses initialize and ends the stream',
      (remote, exchange) => {
        status(503)(exchange);
        remote.end();
      },
    ],
    [
      'ends the stream in place of an answer',
      (remote, exchange) => {
        status(202)(exchange);
        remote.end();
      },
    ],
  ];

  it.each(spoilers)(
    'tries again with a session of its own when the remote %s; none is left over (invariants 3, 10)',
    async (_what, spoil) => {
      const server = await RemoteServer.start();
      const remote = speakHttpSse(server);
      const lane = await launchRemote(remoteConfig(server.url, sse));
      const client = new RemoteClient(lane);
      const sound = server.answers.get('initialize') ?? status(500);
      server.answers.set('initialize', exchange => {
        server.answers.set('initialize', sound);
        spoil(remote, exchange);
      });
      remote.end();
      expect(await client.call('x')).toMatchObject(result('tools/call'));
      await expect.poll(() => openStreams(server)).toBe(1);
      expect(server.of('GET')).toHaveLength(3);
      expect(server.of('initialize')).toHaveLength(3);
      await lane.close();
      await expect.poll(() => openStreams(server)).toBe(0);
    },
  );

  /** A response as far as its head goes, and no JSON. */
  const broken = ({ message }: Exchange) => `{"jsonrpc":"2.0","id":${message.id},"result":{"a":,}}`;

  it('is lost when a new session is answered with no JSON, and keeps no stream of it (invariant 8)', async () => {
    const server = await RemoteServer.start();
    const remote = speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, sse));
    server.answers.set('initialize', exchange => {
      status(202)(exchange);
      remote.say(broken(exchange));
    });
    remote.end();
    expect((await lane.lost).message).toMatch(/no new session could be begun: .* refused initialize/);
    await expect.poll(() => openStreams(server)).toBe(0);
  });

  it('goes on waiting when the first answer is no JSON (invariant 8)', async () => {
    const server = await RemoteServer.start();
    const remote = speakHttpSse(server);
    const sound = server.answers.get('initialize') ?? status(500);
    server.answers.set('initialize', exchange => {
      remote.say(broken(exchange));
      sound(exchange);
    });
    const lane = await launchRemote(remoteConfig(server.url, sse));
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result('tools/call'));
  });

  it('is lost when its stream cannot be opened again', async () => {
    const server = await RemoteServer.start();
    speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, sse));
    await server.stop();
    expect((await lane.lost).message).toMatch(/no new session could be begun: .*ECONNREFUSED/);
  });
});

describe('a remote of which nobody said how it speaks', () => {
  const detect = { transport: 'detect' } as const;

  it('is asked as Streamable HTTP first', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url, detect));
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result('tools/call'));
    expect(server.of('initialize')).toHaveLength(1);
  });

  it('is asked for an event stream if it refuses that, which holds for its later sessions', async () => {
    const server = await RemoteServer.start();
    const remote = speakHttpSse(server);
    const lane = await launchRemote(remoteConfig(server.url, detect));
    const client = new RemoteClient(lane);
    expect(await client.call('x')).toMatchObject(result('tools/call'));
    remote.end();
    await expect.poll(() => server.of('notifications/initialized').length).toBe(2);
    expect(await client.call('x')).toMatchObject(result('tools/call'));
    expect(server.exchanges.filter(({ path, method }) => path === '/mcp' && method === 'POST')).toHaveLength(
      1,
    );
  });

  it('is said to be neither, with both reasons', async () => {
    const server = await RemoteServer.start();
    server.answers.set('initialize', status(404));
    const starting = launchRemote(remoteConfig(server.url, detect));
    await expect(starting).rejects.toThrow(
      /neither Streamable HTTP nor HTTP\+SSE there: .* POST with HTTP 404; .* and .* GET with HTTP 405/,
    );
  });

  it.each([401, 403, 429, 500])('is not asked for a stream after HTTP %i', async code => {
    const server = await RemoteServer.start();
    server.answers.set('initialize', status(code));
    await expect(launchRemote(remoteConfig(server.url, detect))).rejects.toThrow(`POST with HTTP ${code}`);
    expect(server.of('GET')).toEqual([]);
  });
});
