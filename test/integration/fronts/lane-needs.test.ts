import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/actors/refusal.ts';
import type { Lane } from '../../../src/backends/backend.ts';
import { deferred } from '../../support/deferred.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { frontApp } from '../../support/front-app.ts';
import { HttpSseClient, initialize, request, StreamableClient } from '../../support/mcp-client.ts';

const OFFER = { elicitation: {} };
const offer = (name: string) => ({
  protocolVersion: '2025-11-25',
  capabilities: OFFER,
  clientInfo: { name, version: '1.0.0' },
});

/** The fronts, with the sessions that were released. */
async function given() {
  const { origin, services, lane } = await frontApp();
  return { origin, services, lane, released: services.released };
}

describe('which lane a front asks for', () => {
  test('Streamable HTTP: the session’s from initialize on', async () => {
    const { origin, services } = await given();
    const client = await new StreamableClient(origin).open(OFFER);
    await (await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).text();
    const need = { kind: 'session', sessionId: client.sessionId, offer: offer('test') };
    expect(services.needs).toEqual([need, need]);
  });

  test('HTTP+SSE: the first for the stream, the session’s from initialize on', async () => {
    const { origin, services } = await given();
    const client = await HttpSseClient.connect(origin);
    await client.open(OFFER);
    await (await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).text();
    const sessionId = new URL(client.endpoint, origin).searchParams.get('sessionId');
    const need = { kind: 'session', sessionId, offer: offer('test') };
    expect(services.needs).toEqual([{ kind: 'first' }, need, need]);
  });

  test('the answer to initialize is that of the lane the session got', async () => {
    const { origin, services } = await given();
    const own = new FakeLane();
    Object.assign(own, { handshake: { ...own.handshake, instructions: 'of its own' } });
    services.admission = () => own;
    const response = await new StreamableClient(origin).post(initialize(OFFER));
    expect(await response.json()).toMatchObject({ result: { instructions: 'of its own' } });
  });
});

describe('when a lane of its own is given up', () => {
  test('Streamable HTTP: with DELETE', async () => {
    const { origin, released } = await given();
    const client = await new StreamableClient(origin).open(OFFER);
    await client.delete();
    expect(await released.next()).toBe(`svc ${client.sessionId}`);
  });

  test('HTTP+SSE: with the stream', async () => {
    const { origin, released } = await given();
    const client = await HttpSseClient.connect(origin);
    await client.open(OFFER);
    await client.stream.cancel();
    expect(await released.next()).toBe(
      `svc ${new URL(client.endpoint, origin).searchParams.get('sessionId')}`,
    );
  });

  test('when initialize is refused, for then there is no session', async () => {
    const { origin, services, released } = await given();
    services.admission = () => {
      throw new Refusal('0003', 'still starting');
    };
    expect((await new StreamableClient(origin).post(initialize(OFFER))).status).toBe(503);
    const [need] = services.needs;
    expect(await released.next()).toBe(`svc ${need?.kind === 'session' && need.sessionId}`);
  });

  test('when the client hangs up during initialize', async () => {
    const { origin, services, released, lane } = await given();
    const launch = deferred<Lane>();
    services.admission = () => launch.promise;
    const hangUp = new AbortController();
    const posted = new StreamableClient(origin).post(initialize(OFFER), {}, hangUp.signal);
    posted.catch(() => {}); // aborted below
    const { signal } = await services.demands.next();
    const noticed = new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    hangUp.abort();
    await noticed;
    launch.resolve(lane);
    expect(await released.next()).toContain('svc ');
  });

  test('when its session ended while a request of it was held', async () => {
    const { origin, services, released, lane } = await given();
    const client = await new StreamableClient(origin).open(OFFER);
    const launch = deferred<Lane>();
    services.admission = () => launch.promise;
    const held = client.post(request(1));
    await services.demands.next();
    await services.demands.next();
    await client.delete();
    await released.next();
    launch.resolve(lane);
    expect((await held).status).toBe(404);
    expect(await released.next()).toBe(`svc ${client.sessionId}`);
  });

  test('not when a request of a session that goes on is refused', async () => {
    const { origin, services, released } = await given();
    const client = await new StreamableClient(origin).open(OFFER);
    services.admission = () => {
      throw new Refusal('0002', 'cooling down', 1000);
    };
    await (await client.post(request(1))).text();
    await client.delete();
    await released.next();
    expect(released.size).toBe(0);
  });
});
