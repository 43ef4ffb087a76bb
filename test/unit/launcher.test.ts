import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { StartFailure } from '../../src/backends/backend.ts';
import { LATEST_LEGACY_VERSION, LEGACY_VERSIONS } from '../../src/backends/protocol-versions.ts';
import { deferred } from '../support/deferred.ts';
import { config, initialized, type LaunchRig, launchRig, spawned } from '../support/launch.ts';

/** The failure of a launch; checks that the backend was gone when it was told. */
async function failureOf(rig: LaunchRig, launching: ReturnType<LaunchRig['launch']>): Promise<string> {
  const error = await launching.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StartFailure)) throw new Error(`no StartFailure: ${String(error)}`);
  expect(rig.transport.closed).toBe(true);
  return error.message;
}

/** Lets everything that is due in promises run. */
const settled = () => new Promise(resolve => setImmediate(resolve));

/** A launch whose backend has been asked to initialize; the test answers for it. */
async function asked(): Promise<{ rig: LaunchRig; launching: ReturnType<LaunchRig['launch']> }> {
  const rig = launchRig();
  rig.answers.initialize = () => null;
  const launching = rig.launch();
  await rig.connected;
  await settled();
  return { rig, launching };
}

describe('a start that succeeds', () => {
  it('records the spawn first, shakes hands, and gives a lane', async () => {
    const rig = launchRig({ capabilities: { roots: {} } });
    const recorded = deferred<void>();
    const seen: unknown[] = [];
    const launching = rig.launch({
      onSpawned: record => {
        seen.push(record);
        return recorded.promise;
      },
    });
    await rig.connected;
    await settled();
    expect(seen).toEqual([spawned]);
    expect(rig.transport.sent).toEqual([]);
    recorded.resolve();
    const lane = await launching;
    expect(rig.transport.sent).toMatchObject([
      {
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: { roots: {} },
          clientInfo: { name: 'evergate', version: '1.2.3' },
        },
      },
      { method: 'notifications/initialized' },
    ]);
    expect(lane).toMatchObject({
      generation: 3,
      spawned,
      handshake: { era: 'legacy', ...initialized.result },
      load: 0,
      stderrTail: [],
    });
    expect(rig.transport.closed).toBe(false);
  });

  it.each(LEGACY_VERSIONS)('takes protocol version %s', async protocolVersion => {
    const rig = launchRig();
    rig.answers.initialize = () => ({ result: { protocolVersion } });
    const { handshake } = await rig.launch();
    expect(handshake).toEqual({ era: 'legacy', protocolVersion, capabilities: {}, serverInfo: {} });
  });

  it('the versions are those of the SDK', () => {
    expect(LEGACY_VERSIONS).toEqual(SUPPORTED_PROTOCOL_VERSIONS);
    expect(LATEST_LEGACY_VERSION).toBe(LATEST_PROTOCOL_VERSION);
  });

  it('hides secrets in what the gateway asks for, but not in a cursor, which goes back', async () => {
    const rig = launchRig();
    const tools = [{ name: 'x', description: 'opens with sesame-open' }];
    rig.answers['tools/list'] = () => ({ result: { tools, nextCursor: 'after sesame-open' } });
    const lane = await rig.launch();
    const { result } = await lane.ask('tools/list', {}, 1_000);
    expect(result).toEqual({
      tools: [{ name: 'x', description: 'opens with [hidden]' }],
      nextCursor: 'after sesame-open',
    });
  });

  it('tolerates garbage, pings and early requests before the answer', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => null;
    const launching = rig.launch();
    const events = await rig.connected;
    events.onMessage('Installing…');
    await settled();
    events.onMessage('{"hello":"world"}');
    events.onOversized(1e9, 'xxx', '');
    rig.hear({ id: 99, result: {} });
    rig.hear({ id: 'p', method: 'ping' });
    rig.hear({ id: 'r', method: 'roots/list' });
    rig.hear({ id: 1, ...initialized });
    await launching;
    expect(rig.transport.sent.slice(1)).toMatchObject([
      { id: 'p', result: {} },
      { id: 'r', error: {} },
      { method: 'notifications/initialized' },
    ]);
  });

  it('goes by what comes right behind the answer, too', async () => {
    const { rig, launching } = await asked();
    rig.hear({ id: 1, ...initialized });
    rig.hear({ id: 'p', method: 'ping' });
    rig.hear({ id: 'r', method: 'roots/list' });
    rig.hear({ method: 'notifications/tools/list_changed' });
    const lane = await launching;
    expect(rig.transport.sent.slice(1)).toMatchObject([
      { method: 'notifications/initialized' },
      { id: 'p', result: {} },
      { id: 'r', error: {} },
    ]);
    expect(lane.toolListRevision).toBe(1);
    rig.hear({ id: 'q', method: 'ping' });
    expect(rig.transport.last).toMatchObject({ id: 'q', result: {} });
  });

  it('keeps no more of what comes behind the answer than is reasonable (invariant 10)', async () => {
    const { rig, launching } = await asked();
    rig.hear({ id: 1, ...initialized });
    rig.hear({ id: 'p', method: 'ping' });
    rig.hear({ id: 'long', method: 'ping', params: { x: 'x'.repeat(1_048_576) } });
    await launching;
    expect(rig.transport.sent.slice(1).map(({ id }) => id)).toEqual([undefined, 'p']);
  });

  it('may be silent for startTimeoutMs again after every movement', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => null;
    const launching = rig.launch();
    const events = await rig.connected;
    await settled();
    for (let step = 0; step < 5; step++) {
      rig.clock.increment(900);
      events.onActivity();
    }
    rig.hear({ id: 1, ...initialized });
    await expect(launching).resolves.toMatchObject({ generation: 3 });
    rig.clock.increment(100_000);
    expect(rig.transport.closed).toBe(false);
  });
});

describe('a start that fails leaves nothing behind and says why (invariants 2, 9)', () => {
  it('silence', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => null;
    rig.stderr.push('connecting to the database with sesame-open', '');
    const launching = rig.launch();
    await rig.connected;
    await settled();
    rig.clock.increment(1_000);
    const message = await failureOf(rig, launching);
    expect(message).toMatch(
      /did not answer initialize: nothing was heard of it for 1000 ms; raise startTimeoutMs in its config/,
    );
    expect(message).toContain('last line of stderr: connecting to the database with [hidden]');
  });

  it('garbage without end', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => null;
    const launching = rig.launch();
    const events = await rig.connected;
    await settled();
    for (let step = 0; step < 11; step++) {
      events.onActivity();
      events.onMessage('still installing');
      rig.clock.increment(999);
    }
    const message = await failureOf(rig, launching);
    expect(message).toMatch(
      /not ready after 10000 ms .*11 of the lines it wrote to stdout were not JSON-RPC/,
    );
  });

  it('an exit before the answer', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => null;
    rig.stderr.push('no such module');
    const launching = rig.launch();
    await rig.connected;
    await settled();
    rig.transport.exit('the backend exited with code 3; last on stderr: no such module');
    const message = await failureOf(rig, launching);
    expect(message).toBe(
      'the backend ended before it was ready: the backend exited with code 3; last on stderr: no such module',
    );
  });

  it('an exit before it could be written to', async () => {
    const rig = launchRig();
    rig.transport.exit('the backend exited with code 4');
    expect(await failureOf(rig, rig.launch())).toContain('exited with code 4');
  });

  it.each([
    [
      'an error',
      { error: { code: -32602, message: 'key sesame-open is wrong' } },
      'refused initialize: key [hidden] is wrong',
    ],
    [
      'an unknown version',
      { result: { protocolVersion: '1999-01-01' } },
      '"1999-01-01"; supported: 2025-11-25',
    ],
    ['no version', { result: {} }, '"protocolVersion" null'],
    ['no object', { result: 5 }, 'without a result object'],
    [
      'too long',
      { result: { ...initialized.result, instructions: 'x'.repeat(1_048_576) } },
      'at most 1048576 are taken',
    ],
  ])('an answer that is %s', async (_name, answer, reason) => {
    const rig = launchRig();
    rig.answers.initialize = () => answer;
    expect(await failureOf(rig, rig.launch())).toContain(reason);
  });

  it('a spawn that could not be recorded: the backend is never used', async () => {
    const rig = launchRig();
    const message = await failureOf(
      rig,
      rig.launch({ onSpawned: () => Promise.reject(new Error('disk full')) }),
    );
    expect(message).toContain('could not be recorded: disk full');
    expect(rig.transport.sent).toEqual([]);
  });

  it('an abort during the handshake', async () => {
    const { rig, launching } = await asked();
    rig.abort.abort();
    expect(await failureOf(rig, launching)).toContain('cancelled');
  });

  it('an abort while the spawn is recorded', async () => {
    const rig = launchRig();
    const launching = rig.launch({ onSpawned: () => new Promise(() => undefined) });
    await rig.connected;
    await settled();
    rig.abort.abort();
    expect(await failureOf(rig, launching)).toContain('cancelled');
    expect(rig.transport.sent).toEqual([]);
  });

  it('an abort while it connects: waits until that has ended, whichever way', async () => {
    const connecting = deferred<void>();
    const rig = launchRig({ connect: connection => connecting.promise.then(() => connection) });
    const launching = rig.launch();
    await rig.connected;
    let told = false;
    void launching.catch(() => {
      told = true;
    });
    rig.abort.abort();
    expect(rig.connectSignal()?.aborted).toBe(true);
    await settled();
    expect(told).toBe(false);
    connecting.resolve();
    expect(await failureOf(rig, launching)).toContain('cancelled');
    expect(rig.transport.sent).toEqual([]);
  });

  it('a connection that fails, and one that was aborted before it began', async () => {
    const rig = launchRig({ connect: () => Promise.reject(new StartFailure('"command" was not found')) });
    await expect(rig.launch()).rejects.toThrow(new StartFailure('"command" was not found'));
    const aborted = launchRig();
    aborted.abort.abort();
    await expect(aborted.launch()).rejects.toThrow(StartFailure);
    expect(aborted.connectSignal()).toBe(undefined);
  });

  it('is told only after the transport has closed', async () => {
    const rig = launchRig();
    const closing = deferred<void>();
    rig.answers.initialize = () => ({ result: {} });
    rig.transport.close = () => closing.promise;
    let told = false;
    const launching = rig.launch().catch(() => {
      told = true;
    });
    await rig.connected;
    await settled();
    expect(told).toBe(false);
    closing.resolve();
    await launching;
    expect(told).toBe(true);
  });
});

describe('a lane', () => {
  it('has lost its calls when it tells of the loss (invariant 3)', async () => {
    const rig = launchRig();
    const lane = await rig.launch({ config: { ...config, requestTimeoutMs: 50 } });
    const outcomes: unknown[] = [];
    const session = lane.open({ id: 's', capabilities: {}, deliver: () => true });
    const text = '{"jsonrpc":"2.0","id":1,"method":"x"}';
    session.request(
      { kind: 'request', id: 1, method: 'x', text },
      { message() {}, result() {}, fail: failure => outcomes.push(failure) },
    );
    rig.transport.exit('the backend was ended by SIGKILL');
    expect(await lane.lost).toMatchObject({ exitCode: 1 });
    expect(outcomes).toMatchObject([{ kind: 'lost', delivered: true }]);
    await expect(lane.ask('tools/list', {}, 1_000)).rejects.toThrow('SIGKILL');
  });

  it('fails its calls at once when it is closed, and a service’s own requestTimeoutMs holds', async () => {
    const rig = launchRig();
    const lane = await rig.launch({ config: { ...config, requestTimeoutMs: 50 } });
    const outcomes: unknown[] = [];
    const session = lane.open({ id: 's', capabilities: {}, deliver: () => true });
    for (const id of [1, 2]) {
      if (id === 2) rig.clock.increment(50);
      session.request(
        { kind: 'request', id, method: 'x', text: `{"jsonrpc":"2.0","id":${id},"method":"x"}` },
        { message() {}, result() {}, fail: failure => outcomes.push(failure.kind) },
      );
    }
    expect(outcomes).toEqual(['timeout']);
    const closing = lane.close();
    expect(outcomes).toEqual(['timeout', 'lost']);
    await closing;
    expect(rig.transport.closed).toBe(true);
  });
});

describe('probing', () => {
  it('takes any reply to ping for a sign of life, an error included, and is shared', async () => {
    const rig = launchRig();
    const lane = await rig.launch();
    rig.answers.ping = () => ({ error: { code: -32601, message: 'what?' } });
    rig.clock.increment(500);
    await Promise.all([lane.probe(1_000), lane.probe(1_000)]);
    expect(rig.transport.sent.filter(({ method }) => method === 'ping')).toHaveLength(1);
    expect(lane.lastSignOfLifeAt).toBe(500);
  });

  it('fails on silence, and on loss', async () => {
    const rig = launchRig();
    const lane = await rig.launch();
    await lane.probe(1_000);
    rig.answers.ping = () => null;
    const silent = lane.probe(1_000);
    rig.clock.increment(1_000);
    await expect(silent).rejects.toThrow('no sign of life for 1000 ms');
    expect(rig.transport.sent.some(({ method }) => method === 'tools/list')).toBe(false);
    const lost = lane.probe(1_000);
    rig.transport.exit('the backend exited');
    await expect(lost).rejects.toThrow('the backend exited');
  });

  it('counts anything that arrived after an unanswered ping', async () => {
    const rig = launchRig();
    const lane = await rig.launch();
    await lane.probe(1_000);
    rig.answers.ping = () => null;
    const probing = lane.probe(1_000);
    rig.hear({ method: 'notifications/message', params: {} });
    rig.clock.increment(1_000);
    await expect(probing).resolves.toBe(undefined);
  });

  it('judges a backend that never answers ping by its answers to calls', async () => {
    const rig = launchRig();
    rig.answers.ping = () => null;
    rig.answers['tools/list'] = () => ({ error: { code: -32601, message: 'none' } });
    const lane = await rig.launch();
    const first = lane.probe(1_000);
    rig.clock.increment(500);
    await expect(first).resolves.toBe(undefined);
    await expect(lane.probe(1_000)).resolves.toBe(undefined);
    expect(rig.transport.sent.filter(({ method }) => method === 'ping')).toHaveLength(1);
    rig.answers['tools/list'] = () => null;
    const hung = lane.probe(1_000);
    rig.clock.increment(1_000);
    await expect(hung).rejects.toThrow('no sign of life');
  });

  it('fails where neither ping nor anything else was ever answered', async () => {
    const rig = launchRig();
    rig.answers.ping = () => null;
    const lane = await rig.launch();
    const probing = lane.probe(1_000);
    rig.clock.increment(500);
    await settled();
    rig.clock.increment(500);
    await expect(probing).rejects.toThrow('no sign of life for 1000 ms');
  });
});
