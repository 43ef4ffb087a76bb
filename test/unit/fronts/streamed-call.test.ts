import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { StreamedCall } from '../../../src/http/fronts/streamed-call.ts';
import type { Session } from '../../../src/http/sessions/session.ts';
import { RequestMeters } from '../../../src/metrics/request-meters.ts';
import { EventQueue } from '../../support/event-queue.ts';

function bench() {
  const sent = new EventQueue<string>();
  const settled = new EventQueue<unknown>();
  const session = {
    deliver: (text: string) => sent.push(text),
    settled: (sink: unknown) => settled.push(sink),
  };
  const meters = new RequestMeters();
  const request = { server: { gateway: { meters, now: () => 0 } } } as unknown as FastifyRequest;
  const call = new StreamedCall(session as unknown as Session, request, 1);
  return { call, sent, settled };
}

const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}';
const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{}}';

test('a result that follows progress at once leaves later, so that a client sees the progress first', async () => {
  const { call, sent, settled } = bench();
  call.message(progress);
  call.result('result');
  call.message('too late');
  call.result('again');
  expect([sent.size, settled.size]).toEqual([1, 0]);
  expect([await sent.next(), await sent.next()]).toEqual([progress, 'result']);
  expect(await settled.next()).toBe(call);
  expect([sent.size, settled.size]).toEqual([0, 0]);
});

test.each([
  ['alone', []],
  ['behind a log message', [log]],
])('a result %s leaves at once', (_, before) => {
  const { call, sent, settled } = bench();
  for (const text of before) call.message(text);
  call.result('result');
  expect([sent.size, settled.size]).toEqual([before.length + 1, 1]);
});

test('invariant 3: a result that waits leaves at once when the call is failed meanwhile, and once', async () => {
  const { call, sent, settled } = bench();
  call.message(progress);
  call.result('result');
  call.fail({ kind: 'closed', reason: 'the session has ended', delivered: true });
  call.fail({ kind: 'closed', reason: 'again', delivered: true });
  expect([sent.size, settled.size]).toEqual([2, 1]);
  await sent.next();
  expect(await sent.next()).toBe('result');
});
