import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { StartFailure } from '../../../src/backends/backend.ts';
import { deferred } from '../../support/deferred.ts';
import { launchRemote, RemoteClient, remoteConfig } from '../../support/remote-lane.ts';
import { event, json, RemoteServer, response, status, stream } from '../../support/remote-server.ts';

const result = (method: string) => ({ result: { method } });

describe('a lane over Streamable HTTP', () => {
  it('keeps the session, names the version after the handshake, and ends the session on close', async () => {
    const server = await RemoteServer.start();
    const headers = { Authorization: 'Bearer sesame', 'X-Key': 'k', Host: 'evil.example' };
    const lane = await launchRemote(remoteConfig(server.url, { headers }));
    expect(lane.handshake).toMatchObject({ protocolVersion: '2025-11-25', serverInfo: { name: 'remote' } });
    expect(lane.spawned).toBe(null);
    expect(await new RemoteClient(lane).call('echo')).toMatchObject(result('tools/call'));
    await lane.close();
    const [initialize, initialized, ...later] = server.exchanges;
    expect(initialize?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      authorization: 'Bearer sesame',
      'x-key': 'k',
    });
    expect(initialize?.headers.host).toBe(new URL(server.url).host);
    expect(initialize?.headers).not.toHaveProperty('mcp-session-id');
    expect(initialize?.headers).not.toHaveProperty('mcp-protocol-version');
    for (const exchange of [initialized, ...later]) {
      expect(exchange?.headers).toMatchObject({
        'mcp-session-id': 'session-1',
        'mcp-protocol-version': '2025-11-25',
        authorization: 'Bearer sesame',
      });
    }
    expect(later.map(({ method }) => method)).toEqual(expect.arrayContaining(['GET', 'POST', 'DELETE']));
    expect(await lane.lost).toMatchObject({ message: 'the connection to the backend was closed' });
  });

  it('given a message whose version no header can carry, then another call goes on (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const [client, other] = [new RemoteClient(lane), new RemoteClient(lane)];
    const answer = deferred<void>();
    server.answers.set(
      'tools/call',
      exchange => void answer.promise.then(() => json({ late: true })(exchange)),
    );
    const underWay = client.call('slow');
    await server.next('tools/call');
    other.notify('notifications/x', { _meta: { 'io.modelcontextprotocol/protocolVersion': '€' } });
    await server.next('notifications/x');
    answer.resolve();
    expect(await underWay).toMatchObject({ result: { late: true } });
  });

  it('names the trace of a message in headers, too, and of a message without one in none', async () => {
    const server = await RemoteServer.start();
    const client = new RemoteClient(await launchRemote(remoteConfig(server.url)));
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const _meta = { traceparent, tracestate: 'vendor=1' };
    await client.request('tools/call', { name: 'echo', arguments: {}, _meta });
    await client.call('echo');
    const [traced, untraced] = server.of('tools/call').map(({ headers }) => headers);
    expect(traced).toMatchObject({ traceparent, tracestate: 'vendor=1' });
    expect(untraced).not.toHaveProperty('traceparent');
  });

  it('sends nothing before the remote has taken `initialized`', async () => {
    const server = await RemoteServer.start();
    let take = () => {};
    server.answers.set('notifications/initialized', exchange => {
      take = () => status(202)(exchange);
    });
    const lane = await launchRemote(remoteConfig(server.url));
    const call = new RemoteClient(lane).call('echo');
    await server.next('notifications/initialized');
    expect(server.of('tools/call')).toEqual([]);
    take();
    expect(await call).toMatchObject(result('tools/call'));
  });

  it('hears a streamed answer: progress, requests of the server, then the response; and answers those', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane, { elicitation: {} });
    server.answers.set('tools/call', exchange => {
      const { _meta } = exchange.message.params as { _meta?: { progressToken?: unknown } };
      const params = { progressToken: _meta?.progressToken, progress: 1 };
      stream(
        exchange,
        ': hello\n\n',
        event({ jsonrpc: '2.0', method: 'notifications/progress', params }),
        event({ jsonrpc: '2.0', id: 'ask', method: 'elicitation/create', params: {} }),
      );
      server.answers.set('response', answer => {
        status(202)(answer);
        exchange.response.end(event(response(exchange.message, { answered: answer.message })));
      });
    });
    const params = { name: 'x', _meta: { progressToken: 'mine' } };
    const call = client.request('tools/call', params);
    await server.next('tools/call');
    await expect.poll(() => client.heard.length).toBe(2);
    const [progress, ask] = client.heard as { id: string }[];
    expect(progress).toMatchObject({ params: { progressToken: 'mine', progress: 1 } });
    client.session.respond({
      kind: 'response',
      id: ask?.id ?? '',
      text: JSON.stringify({ jsonrpc: '2.0', id: ask?.id, result: { action: 'decline' } }),
    });
    expect(await call).toMatchObject({
      result: { answered: { id: 'ask', result: { action: 'decline' } } },
    });
  });

  it('hears what belongs to no request on the standing stream, and takes it up again where it broke', async () => {
    const server = await RemoteServer.start();
    const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
    server.answers.set('GET', exchange => {
      stream(exchange, 'retry: 5\n\n', event(changed, `e${server.of('GET').length}`));
      if (server.of('GET').length < 3) exchange.response.end();
    });
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    await expect.poll(() => server.of('GET').length).toBe(3);
    expect(server.of('GET').map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'e1', 'e2']);
    await expect.poll(() => client.heard.length).toBeGreaterThan(0);
    expect(server.of('initialize')).toHaveLength(1);
  });

  it('takes a streamed answer up again where it broke, without asking twice (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    await server.next('GET'); // the standing stream, which is not offered
    let response1 = '';
    server.answers.set('tools/call', exchange => {
      response1 = response(exchange.message, { resumed: true });
      stream(exchange, 'retry: 5\n');
      exchange.response.write('id: s1\ndata: \n\n', () => exchange.response.destroy());
    });
    server.answers.set('GET', exchange => stream(exchange, event(response1, 's2')));
    expect(await new RemoteClient(lane).call('slow')).toMatchObject({ result: { resumed: true } });
    expect(server.of('tools/call')).toHaveLength(1);
    expect(server.of('GET').at(-1)?.headers).toMatchObject({ 'last-event-id': 's1' });
  });

  it.each([
    ['no event id', '', /cannot resume it/],
    ['a remote that does not know the stream', 'id: s1\ndata: \n\n', /could not be resumed: .*HTTP 405/],
  ])('a broken answer with %s is lost, and nothing else', async (_name, first, reason) => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    server.answers.set('tools/call', exchange => {
      stream(exchange, ': beginning\n\n', first);
      exchange.response.end();
    });
    const outcome = await client.call('slow');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: true });
    expect(outcome.reason).toMatch(reason);
    expect(server.of('tools/call')).toHaveLength(1);
    expect(await client.request('tools/list')).toMatchObject(result('tools/list'));
  });

  it('does not listen on, and resumes nothing, once the response is there', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const closed = new Promise<void>(resolve => {
      server.answers.set('tools/call', exchange => {
        stream(exchange, event(response(exchange.message, {}), 's1'));
        exchange.response.once('close', resolve);
      });
    });
    expect(await new RemoteClient(lane).call('x')).toMatchObject({ result: {} });
    await closed;
    expect(server.of('GET')).toHaveLength(1);
  });

  it('stops listening to an answer that its client has taken back', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    const closed = new Promise<void>(resolve => {
      server.answers.set('tools/call', exchange => {
        stream(exchange);
        exchange.response.once('close', resolve);
      });
    });
    const call = client.request('tools/call', {}, 'mine');
    await server.next('tools/call');
    client.notify('notifications/cancelled', { requestId: 'mine' });
    expect(await call).toMatchObject({ kind: 'closed' });
    await closed;
    expect(server.of('notifications/cancelled')).toHaveLength(1);
  });
});

describe('a call that fails fails alone', () => {
  it.each([
    [401, 'refused', false, /wants credentials: set authToken/],
    [429, 'refused', false, /try again later/],
    [500, 'refused', true, /HTTP 500/],
    [303, 'refused', true, /HTTP 303/],
  ])('with HTTP %i', async (code, kind, delivered, reason) => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(`${server.url}?key=sesame`));
    const client = new RemoteClient(lane);
    server.answers.set('tools/call', status(code, { location: '/elsewhere' }));
    const outcome = await client.call('x');
    expect(outcome).toMatchObject({ kind, delivered });
    expect(outcome.reason).toMatch(reason);
    expect(outcome.reason).toContain(server.origin);
    expect(outcome.reason).not.toMatch(/sesame|\/mcp/);
    expect(server.of('tools/call')).toHaveLength(1);
    expect(await client.request('tools/list')).toMatchObject(result('tools/list'));
  });

  it('with a JSON-RPC error in an HTTP error, which is its answer', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    server.answers.set('tools/call', ({ message, response: out }) => {
      const body = { jsonrpc: '2.0', id: message.id, error: { code: -32602, message: 'no such tool' } };
      out.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    expect(await new RemoteClient(lane).call('x')).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  it('when the connection breaks behind the request, which is not repeated (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    server.answers.set('tools/call', ({ response: out }) => out.destroy());
    expect(await client.call('x')).toMatchObject({ kind: 'lost', delivered: true });
    expect(server.of('tools/call')).toHaveLength(1);
    expect(await client.request('tools/list')).toMatchObject(result('tools/list'));
  });

  it.each([
    ['another content type', 'text/html', '<html>', /content type text\/html/],
    ['no response', 'application/json', '{"jsonrpc":"2.0","method":"x"}', /something else than a response/],
    ['nothing on its stream', 'text/event-stream', '', /ended its answer before the response/],
  ])('with %s', async (_name, type, body, reason) => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    server.answers.set('tools/call', ({ response: out }) => {
      out.writeHead(200, { 'content-type': type }).end(body);
    });
    const outcome = await new RemoteClient(lane).call('x');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: true });
    expect(outcome.reason).toMatch(reason);
  });

  it.each(['application/json', 'text/event-stream'])(
    'with an answer beyond maxMessageBytes (%s)',
    async type => {
      const server = await RemoteServer.start();
      const lane = await launchRemote(remoteConfig(server.url), { maxMessageBytes: 10_000 });
      const client = new RemoteClient(lane);
      server.answers.set('tools/call', ({ message, response: out }) => {
        const text = JSON.stringify({ result: { big: 'x'.repeat(20_000) }, jsonrpc: '2.0', id: message.id });
        const body = type === 'application/json' ? text : event(text);
        out.writeHead(200, { 'content-type': type }).end(body);
      });
      let list = () => {};
      server.answers.set('tools/list', exchange => {
        list = () => json({ method: 'tools/list' })(exchange);
      });
      const other = client.request('tools/list');
      await server.next('tools/list');
      expect(await client.call('x')).toMatchObject({ kind: 'too large', delivered: true });
      list();
      expect(await other).toMatchObject(result('tools/list'));
    },
  );

  it('when more is under way than the bounds allow', async () => {
    const server = await RemoteServer.start();
    const options = { maxConnections: 3, maxQueuedBytes: 5_000 };
    const lane = await launchRemote(remoteConfig(server.url), options);
    const client = new RemoteClient(lane);
    expect(await client.request('x', { big: 'x'.repeat(6_000) })).toMatchObject({ kind: 'overloaded' });
    server.answers.set('tools/call', exchange => stream(exchange));
    for (let n = 0; n < 3; n++) {
      void client.call('slow');
      await server.next('tools/call');
    }
    const outcome = await client.call('one too many');
    expect(outcome).toMatchObject({ kind: 'overloaded', delivered: false });
    expect(server.of('tools/call')).toHaveLength(3);
  });

  it('with `timeout`, after which the remote is told', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url, { timeoutMs: 50 }));
    server.answers.set('tools/call', () => {});
    expect(await new RemoteClient(lane).call('x')).toMatchObject({ kind: 'timeout', reason: /50 ms/ });
    await server.next('notifications/cancelled');
  });
});

describe('a remote that takes messages and does not end its answers to them', () => {
  it('keeps no connection by that (invariant 10)', async () => {
    const server = await RemoteServer.start();
    const client = new RemoteClient(await launchRemote(remoteConfig(server.url)));
    const closed: Promise<unknown>[] = [];
    server.answers.set('notifications/roots/list_changed', ({ response: out }) => {
      closed.push(once(out, 'close'));
      out.writeHead(202).write('taken');
    });
    for (let count = 0; count < 30; count++) {
      client.notify('notifications/roots/list_changed', {});
      await server.next('notifications/roots/list_changed');
    }
    await Promise.all(closed);
    expect(closed).toHaveLength(30);
    expect(await client.call('echo')).toMatchObject(result('tools/call'));
  });
});

describe('a remote that has forgotten the session', () => {
  it('is introduced to again: the lane and the sessions on it live on, the same call goes once (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    await client.request('resources/subscribe', { uri: 'file:///a' });
    await client.request('logging/setLevel', { level: 'warning' });
    server.sessions.clear();
    const outcomes = await Promise.all([client.call('a'), client.call('b'), client.call('c')]);
    expect(outcomes).toMatchObject([result('tools/call'), result('tools/call'), result('tools/call')]);
    expect(server.of('initialize').map(({ message }) => message)).toEqual([
      server.of('initialize')[0]?.message,
      server.of('initialize')[0]?.message,
    ]);
    const taken = server.of('tools/call').filter(({ headers }) => headers['mcp-session-id'] === 'session-2');
    expect(taken.map(({ message }) => (message.params as { name: string }).name).sort()).toEqual([
      'a',
      'b',
      'c',
    ]);
    await expect.poll(() => server.of('resources/subscribe').length).toBe(2);
    expect(server.of('resources/subscribe').at(-1)?.message.params).toEqual({ uri: 'file:///a' });
    expect(server.of('logging/setLevel').at(-1)?.headers['mcp-session-id']).toBe('session-2');
    expect(server.of('logging/setLevel').at(-1)?.message.params).toEqual({ level: 'warning' });
  });

  it('loses what it had taken, with an error', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    server.answers.set('tools/call', exchange => stream(exchange, ': working\n\n'));
    const taken = client.call('slow');
    await server.next('tools/call');
    server.sessions.clear();
    expect(await client.request('tools/list')).toMatchObject(result('tools/list'));
    const outcome = await taken;
    expect(outcome).toMatchObject({ kind: 'lost', delivered: true });
    expect(outcome.reason).toMatch(/forgotten the session .*a new session was begun/);
    expect(server.of('tools/call')).toHaveLength(1);
  });

  it.each([400, 404])('is noticed by the standing stream, too (HTTP %i)', async code => {
    const server = await RemoteServer.start();
    server.answers.set('GET', exchange => stream(exchange));
    const lane = await launchRemote(remoteConfig(server.url));
    const { response: standing } = await server.next('GET');
    server.sessions.clear();
    server.answers.set('GET', status(code));
    standing.end();
    await expect.poll(() => server.of('notifications/initialized').length).toBe(2);
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result('tools/call'));
    expect(server.of('initialize')).toHaveLength(2);
  });

  it('fails the call that it forgets twice, and only ends the lane when it forgets every session', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    const client = new RemoteClient(lane);
    server.answers.set('tools/call', status(404));
    expect(await client.call('x')).toMatchObject({ kind: 'lost', delivered: false });
    expect(server.of('tools/call')).toHaveLength(2);
    server.answers.delete('tools/call');
    expect(await client.call('x')).toMatchObject(result('tools/call'));
    server.answers.set('tools/call', status(404));
    const ended = lane.lost;
    for (let n = 0; n < 4; n++) await client.call('x');
    expect((await ended).message).toMatch(/forgotten the session/);
  });

  it.each([
    ['refuses initialize', 1, status(403), /no new session could be begun: .*HTTP 403/],
    [
      'speaks another version now',
      1,
      json({ protocolVersion: '2024-11-05' }),
      /now speaks version 2024-11-05/,
    ],
    ['stays broken', 3, status(503), /no new session could be begun: .*HTTP 503/],
  ])('ends the lane when it %s, after %i attempts', async (_name, attempts, answer, reason) => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    server.sessions.clear();
    server.answers.set('initialize', answer);
    const outcome = await new RemoteClient(lane).call('x');
    expect(outcome).toMatchObject({ kind: 'lost', delivered: false });
    expect((await lane.lost).message).toMatch(reason);
    expect(server.of('initialize')).toHaveLength(1 + attempts);
  });

  it('ends the lane when it does not answer initialize in time, and no request of it is left open (invariant 3)', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url), { handshakeTimeoutMs: 50 });
    server.sessions.clear();
    const closed: Promise<unknown>[] = [];
    server.answers.set('initialize', ({ response }) => closed.push(once(response, 'close')));
    expect(await new RemoteClient(lane).call('x')).toMatchObject({ kind: 'lost', delivered: false });
    expect((await lane.lost).message).toMatch(/no new session .*did not answer initialize in 50 ms/);
    await Promise.all(closed);
    expect(server.of('initialize')).toHaveLength(1 + 3);
  });

  it('is waited for when it is only being replaced', async () => {
    const server = await RemoteServer.start();
    const lane = await launchRemote(remoteConfig(server.url));
    server.sessions.clear();
    server.answers.set('initialize', exchange => {
      server.answers.delete('initialize');
      status(503)(exchange);
    });
    expect(await new RemoteClient(lane).call('x')).toMatchObject(result('tools/call'));
  });
});

describe('a remote that is not there', () => {
  it('fails the start with the origin and the remedy, after maxRetries', async () => {
    const server = await RemoteServer.start();
    const { url, origin } = server;
    await server.stop();
    const error = await launchRemote(remoteConfig(`${url}?key=sesame`)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartFailure);
    const { message } = error as StartFailure;
    expect(message).toBe(
      `${origin} cannot be reached (ECONNREFUSED); check the url, and that the server is up`,
    );
  });

  it('is tried again: a message that was not delivered arrives once it is back (invariant 3)', async () => {
    const server = await RemoteServer.start();
    server.keepAlive = false;
    const lane = await launchRemote(remoteConfig(server.url, { maxRetries: 100 }));
    await server.next('GET');
    await server.stop();
    const call = new RemoteClient(lane).call('x');
    await server.listen();
    expect(await call).toMatchObject(result('tools/call'));
    expect(server.of('tools/call')).toHaveLength(1);
  });

  it('fails calls and probes, but the lane is not given up for a call', async () => {
    const server = await RemoteServer.start();
    server.keepAlive = false;
    const lane = await launchRemote(remoteConfig(server.url));
    await server.next('GET');
    await server.stop();
    const client = new RemoteClient(lane);
    expect(await client.call('x')).toMatchObject({ kind: 'lost', delivered: false, reason: /ECONNREFUSED/ });
    await expect(lane.probe(5_000)).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
    await server.listen();
    expect(await client.call('x')).toMatchObject(result('tools/call'));
    await expect(lane.probe(5_000)).resolves.toBe(undefined);
  });

  it('is lost when its standing stream cannot be opened again', async () => {
    const server = await RemoteServer.start();
    server.answers.set('GET', exchange => stream(exchange));
    const lane = await launchRemote(remoteConfig(server.url));
    await server.next('GET');
    await server.stop();
    expect((await lane.lost).message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    await lane.close();
  });
});

it('an aborted start leaves no connection', async () => {
  const server = await RemoteServer.start();
  const closed = new Promise<void>(resolve => {
    server.answers.set('initialize', ({ response: out }) => out.once('close', resolve));
  });
  const abort = new AbortController();
  const launching = launchRemote(remoteConfig(server.url), {}, abort.signal);
  await server.next('initialize');
  abort.abort();
  await expect(launching).rejects.toThrow('cancelled');
  await closed;
});
