import { describe, expect, it } from 'vitest';
import type { CallFailure } from '../../../src/backends/backend.ts';
import { parseServiceConfig } from '../../../src/backends/config/parse-config.ts';
import type { RpcId } from '../../../src/backends/rpc/json-rpc.ts';
import type { TransportEvents } from '../../../src/backends/transport.ts';
import { RemoteLink } from '../../../src/commands/remote/remote-link.ts';
import { EventQueue } from '../../support/event-queue.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

interface Opened {
  readonly transport: ScriptedTransport;
  readonly events: TransportEvents;
}

const HANDSHAKE_TIMEOUT_MS = 77;

/**
 * A link whose transports the test opens or refuses. Its timers go off at once, those of its handshakes when the test says.
 */
function stage() {
  const opened = new EventQueue<Opened>();
  const heard = new EventQueue<string>();
  const failures = new EventQueue<{ id: RpcId | null } & CallFailure>();
  const losses: string[] = [];
  let refusals = 0;
  let expireHandshake = () => {};
  const clock = {
    now: () => 0,
    setTimeout: (run: () => void, ms: number) => {
      if (ms !== HANDSHAKE_TIMEOUT_MS) return setImmediate(run);
      expireHandshake = run;
      return null;
    },
    clearTimeout: () => {},
  };
  const config = parseServiceConfig({ url: 'http://127.0.0.1:9/' });
  if (config.kind !== 'remote') throw new Error('not remote');
  const link = new RemoteLink(
    config,
    async (_, events) => {
      if (refusals-- > 0) throw new Error('nobody there');
      const transport = new ScriptedTransport();
      opened.push({ transport, events });
      return transport;
    },
    {
      fromServer: text => heard.push(text),
      failed: (id, failure) => failures.push({ id, ...failure }),
      lost: reason => losses.push(reason),
      say: () => {},
    },
    HANDSHAKE_TIMEOUT_MS,
    clock,
  );
  const refuse = (times: number) => {
    refusals = times;
  };
  return { link, opened, heard, failures, losses, refuse, expireHandshake: () => expireHandshake() };
}

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}';
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}';
const answerTo = (id: RpcId, extra = '"result":{}') =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${extra}}`;

/** A client that is introduced, over a transport that is then lost. */
async function lostOnce() {
  const world = stage();
  world.link.send(INITIALIZE);
  const first = await world.opened.next();
  first.events.onMessage(answerTo(0));
  expect(await world.heard.next()).toBe(answerTo(0));
  return { ...world, first };
}

describe('the link of evergate convert', () => {
  it('given a transport that is lost, then initialize is said again, its answer kept, and what waits goes on', async () => {
    const { link, opened, heard, losses, first } = await lostOnce();
    first.transport.exit('gone');
    const second = await opened.next();
    link.send(CALL);
    expect(second.transport.texts).toEqual([]);
    await new Promise(setImmediate);
    expect(second.transport.texts).toEqual([INITIALIZE]);
    second.events.onMessage(answerTo(0));
    await new Promise(setImmediate);
    expect(second.transport.sent.map(({ method }) => method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
    expect([losses, heard.size]).toEqual([['gone'], 0]);
    await link.close();
    expect(second.transport.closed).toBe(true);
  });

  it('given a server that stays away, then it is tried again, and what waits fails as not delivered', async () => {
    const { link, opened, failures, first, refuse } = await lostOnce();
    refuse(5);
    first.transport.exit('gone');
    await new Promise(process.nextTick);
    link.send(CALL);
    expect(await failures.next()).toMatchObject({ id: 1, reason: 'nobody there', delivered: false });
    expect((await opened.next()).transport.closed).toBe(false);
    await link.close();
  });

  it.each([
    ['refuses to be initialized again', '"error":{"code":-32600,"message":"no"}'],
    ['answers with no JSON when it is', '"result":{"a":,}'],
  ])('given a server that %s, then its transport is closed and another is opened', async (_what, answer) => {
    const { link, opened, first } = await lostOnce();
    first.transport.exit('gone');
    const second = await opened.next();
    await new Promise(setImmediate);
    second.events.onMessage(answerTo(0, answer));
    const third = await opened.next();
    expect([second.transport.closed, third.transport.closed]).toEqual([true, false]);
    await link.close();
  });

  it('given a server that does not answer the second initialize, then it is given up in time, and what waits fails as not delivered (invariant 3)', async () => {
    const { link, opened, failures, first, expireHandshake } = await lostOnce();
    first.transport.exit('gone');
    const second = await opened.next();
    link.send(CALL);
    await new Promise(setImmediate);
    expect(second.transport.texts).toEqual([INITIALIZE]);
    expireHandshake();
    expect(await failures.next()).toMatchObject({ id: 1, reason: /not answer.*77 ms/, delivered: false });
    const third = await opened.next();
    expect([second.transport.closed, third.transport.closed]).toEqual([true, false]);
    await link.close();
  });

  it('given more than its bound waiting, then the request fails at once as not delivered (invariant 10)', async () => {
    const { link, failures, first, refuse } = await lostOnce();
    refuse(Number.POSITIVE_INFINITY);
    first.transport.exit('gone');
    await new Promise(process.nextTick);
    const big = `{"jsonrpc":"2.0","id":"big","method":"tools/call","params":{"a":"${'x'.repeat(17 << 20)}"}}`;
    link.send(big);
    expect(await failures.next()).toMatchObject({ id: 'big', delivered: false, reason: /too much/ });
    await link.close();
  });

  it('given no introduction (the stateless era), then a lost transport is replaced at the next message', async () => {
    const { link, opened } = stage();
    link.send(CALL);
    const first = await opened.next();
    first.transport.exit('gone');
    await new Promise(setImmediate);
    expect(opened.size).toBe(0);
    link.send(CALL);
    const second = await opened.next();
    await new Promise(setImmediate);
    expect(second.transport.texts).toEqual([CALL]);
    await link.close();
  });
});
