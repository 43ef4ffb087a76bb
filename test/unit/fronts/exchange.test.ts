import { expect, onTestFinished, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { buildApp } from '../../../src/http/app.ts';
import { defaultFrontSettings } from '../../../src/http/fronts/index.ts';
import { ModernDesk } from '../../../src/http/fronts/modern/desk.ts';
import { Pulse } from '../../../src/http/fronts/pulse.ts';
import { registerStreamable } from '../../../src/http/fronts/streamable.ts';
import { FakeLane } from '../../support/fake-lane.ts';
import { SteeredServices } from '../../support/front-app.ts';
import { BOTH, initialize, request } from '../../support/mcp-client.ts';
import { claim, sessionRegistry } from '../../support/sessions.ts';

/** The Streamable HTTP front without a socket, with its pulse and sessions in hand. */
async function bench() {
  const clock = new SimulatedClock();
  const lane = new FakeLane();
  const services = new SteeredServices(lane);
  const pulse = new Pulse(clock, 1_000);
  const { sessions } = sessionRegistry({ clock, randomId: () => 'session' });
  const app = buildApp({
    services,
    readiness: () => true,
    fronts: (scope, _options, done) => {
      const modern = new ModernDesk(clock);
      registerStreamable(scope, { services, sessions, pulse, settings: defaultFrontSettings }, modern);
      done();
    },
  });
  onTestFinished(() => app.close());
  const post = (payload: object, session: object = { 'mcp-session-id': 'session' }) =>
    app.inject({
      method: 'POST',
      url: '/mcp/stream/proxy/svc',
      headers: { 'content-type': 'application/json', accept: BOTH, ...session },
      payload,
    });
  await post(initialize(), {});
  return { lane, pulse, sessions, post };
}

test('invariant 10: an answered call is left in no list', async () => {
  const { lane, pulse, sessions, post } = await bench();
  const pending = post(request(1));
  const call = await lane.calls.next();
  expect([pulse.size, sessions.find('session', claim('streamable-http'))?.busy]).toEqual([1, true]);
  call.result({});
  expect((await pending).json()).toMatchObject({ id: 1 });
  expect([pulse.size, sessions.find('session', claim('streamable-http'))?.busy]).toEqual([0, false]);
});

test('a call that is answered at once is never waited for', async () => {
  const { lane, pulse, post } = await bench();
  lane.answer = call => call.result({});
  await post(request(1));
  expect(pulse.size).toBe(0);
});

test('invariant 3: what comes after the outcome is dropped', async () => {
  const { lane, post, sessions } = await bench();
  lane.failsOnClose = false;
  const pending = post(request(1));
  const { sink } = await lane.calls.next();
  const session = sessions.find('session', claim('streamable-http'));
  if (session !== undefined) sessions.end(session, 'test');
  sink.message('{}');
  sink.result('{}');
  expect((await pending).statusCode).toBe(502);
});

test('a fault inside the gateway is answered as one, and leaves nothing behind', async () => {
  const { lane, pulse, post, sessions } = await bench();
  lane.answer = () => {
    throw new Error('broken');
  };
  const response = await post(request(1));
  expect(response.statusCode).toBe(500);
  expect(response.body).not.toContain('broken');
  expect([pulse.size, sessions.find('session', claim('streamable-http'))?.busy]).toEqual([0, false]);
});
