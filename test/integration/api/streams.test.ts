/** The live streams of the API over real sockets. */
import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listen } from '../../../src/http/server.ts';
import { order, turn } from '../../support/actors-fixtures.ts';
import { apiApp } from '../../support/api-app.ts';
import { liveEvents } from '../../support/live-events.ts';
import { rawClient } from '../../support/raw-client.ts';

async function listening(options: Parameters<typeof apiApp>[0] = {}) {
  const api = apiApp(options);
  const server = await listen(api.app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const base = server.url;
  const register = (id: string) => api.stage.registry.declare(id, order('OneShot'), false);
  return { ...api, server, base, url: `${base}/api/v1/events`, register };
}

describe('GET /api/v1/events', () => {
  it('begins with the present and tells each record of every service, as it is committed', async () => {
    const { url, stage, register, get } = await listening();
    register('before');
    const events = await liveEvents(url);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    register('a');
    await stage.ready('b', 'Persistent');
    const first = await events.next();
    expect(first).toMatchObject({
      type: 'record',
      id: '2',
      data: { seq: 2, id: 'a', n: 1, event: { type: 'registered' }, to: 'Pending.Asleep' },
    });
    const second = await events.next();
    expect(second.data).toMatchObject({ seq: 3, id: 'b' });
    const { items } = (await get('/api/v1/services/b/events')) as { items: unknown[] };
    expect(second.data).toEqual(items[0]);
  });

  it('given a Last-Event-ID, then what came after it and what comes is told without a gap or a repetition', async () => {
    const { url, register, stage } = await listening();
    for (let n = 0; n < 700; n++) register(`old-${n}`);
    const events = await liveEvents(`${url}?after=3`, { 'last-event-id': '17' });
    for (let n = 0; n < 50; n++) {
      register(`new-${n}`);
      if (n % 7 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    for (let seq = 18; seq <= stage.log.lastSeq(); seq++) {
      const { id, data } = await events.next();
      expect([id, data.seq]).toEqual([String(seq), seq]);
    }
    expect(events.size).toBe(0);
  });

  it('given a place that was pruned, then the gap is told and the stream goes on', async () => {
    const { url, register, stage } = await listening();
    for (let n = 0; n < 20; n++) register(`s-${n}`);
    // What moves late in a turn is recorded at its end.
    await turn();
    stage.log.prune({ maxRecords: 5, before: 0 }, 100);
    const events = await liveEvents(url, { 'last-event-id': '4' });
    expect(await events.next()).toMatchObject({ type: 'gap', data: { from: 5, to: 15 } });
    expect(await events.next()).toMatchObject({ type: 'record', data: { seq: 16 } });
  });

  it('tells each reader in its own language', async () => {
    const { url, register } = await listening();
    const readers = await Promise.all(
      ['en', 'zh-TW', 'en'].map(language => liveEvents(url, { 'accept-language': language })),
    );
    register('a');
    const causes = await Promise.all(readers.map(async reader => (await reader.next()).data.cause));
    expect(causes).toEqual([
      'Registered as a OneShot service',
      '已註冊為 OneShot 服務',
      'Registered as a OneShot service',
    ]);
  });

  it('given ?vitals=1, then it tells how services are doing, besides, at once and every 2 s', async () => {
    const { url, stage, trees, register } = await listening();
    await stage.ready('a', 'Persistent');
    trees.set(101, { rssBytes: 4096, cpuMs: new Map([['101.1', 10]]) });
    const events = await liveEvents(`${url}?vitals=1`);
    const told = { id: 'a', sessions: 0, inFlight: 0, held: 0, pid: 101, rssBytes: 4096, cpuPercent: null };
    expect(await events.next()).toEqual({
      type: 'vitals',
      id: null,
      data: { at: '1970-01-01T00:00:00.000Z', services: [told] },
    });
    register('b');
    expect(await events.next()).toMatchObject({ type: 'record', data: { id: 'b' } });
    trees.set(101, { rssBytes: 8192, cpuMs: new Map([['101.1', 510]]) });
    stage.clock.increment(2000);
    expect((await events.next()).data).toMatchObject({ services: [{ rssBytes: 8192, cpuPercent: 25 }] });
    const quiet = await liveEvents(url);
    stage.clock.increment(2000);
    await events.next();
    expect(quiet.size).toBe(0);
  });

  it('given a token for some services only, then it hears of no other', async () => {
    const sha256 = createHash('sha256').update('t').digest();
    const token = { name: 'team', scopes: ['view'] as const, services: ['mine'], sha256 };
    const { url, register, stage } = await listening({ settings: { authTokens: [token] } });
    expect((await fetch(url)).status).toBe(401);
    await stage.ready('theirs', 'Persistent');
    const events = await liveEvents(`${url}?vitals=1`, { authorization: 'Bearer t' });
    expect((await events.next()).data).toMatchObject({ services: [] });
    register('theirs, too');
    register('mine');
    expect((await events.next()).data).toMatchObject({ id: 'mine' });
  });

  it('given a reader that has gone, then it is forgotten', async () => {
    const { url, register, stage, faults } = await listening();
    const gone = await liveEvents(url);
    const stays = await liveEvents(url);
    gone.close();
    await gone.ended;
    register('a');
    expect((await stays.next()).data).toMatchObject({ id: 'a' });
    stage.registry.declare('b', order('OneShot'), false);
    stage.clock.increment(100);
    expect((await stays.next()).data).toMatchObject({ id: 'b' });
    expect(faults).toEqual([]);
  });

  it('given a reader that takes nothing, then it is closed, and others go on', async () => {
    const { app, base, url, stage } = await listening({ streams: { maxBufferedBytes: 20_000 } });
    const stays = await liveEvents(url);
    const stalled = await rawClient(Number(new URL(base).port));
    stalled.write('GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n');
    await stalled.received(/retry: \d+/);
    stalled.pause();
    for (let n = 0; app.gateway.meters.stalledReaders === 0; n++) {
      stage.registry.ensure('a', order('OneShot'));
      (await stage.start(n)).fail('x'.repeat(200_000));
      do await turn();
      while (stage.state('a') !== 'Ended.Failed');
      stage.clock.increment(100);
      for (let told = ''; told !== 'Ended.Failed'; ) told = String((await stays.next()).data.to);
    }
  });

  it('given a reader that catches up and takes nothing, then no more is read for it than it takes, and it is closed', async () => {
    const { app, base, stage } = await listening({ streams: { maxBufferedBytes: 64_000_000 } });
    for (let n = 0; n < 300; n++) {
      stage.registry.ensure('a', order('OneShot'));
      (await stage.start(n)).fail('x'.repeat(30_000));
      await turn();
    }
    const tail = vi.spyOn(stage.log, 'tail');
    const stalled = await rawClient(Number(new URL(base).port));
    stalled.pause();
    stalled.write('GET /api/v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\n\r\n');
    while (app.gateway.meters.stalledReaders === 0) await stage.pass(5_000);
    expect(tail.mock.calls.length).toBeGreaterThan(1);
    expect(tail.mock.calls.length).toBeLessThan(stage.log.lastSeq() / 128);
  });

  it('given records in quick succession, then those after the first are told together a moment later', async () => {
    const { url, register, stage } = await listening();
    const tail = vi.spyOn(stage.log, 'tail');
    const events = await liveEvents(url);
    register('first');
    await events.next();
    const reads = tail.mock.calls.length;
    for (const id of ['second', 'third', 'fourth']) {
      register(id);
      await turn();
    }
    expect([tail.mock.calls.length, events.size]).toEqual([reads, 0]);
    stage.clock.increment(100);
    for (const id of ['second', 'third', 'fourth']) expect((await events.next()).data).toMatchObject({ id });
    expect(tail.mock.calls.length).toBe(reads + 1);
  });

  it('when the gateway stops, then its streams end by themselves', async () => {
    const { server, url, register } = await listening();
    const events = await liveEvents(url);
    register('a');
    await events.next();
    await server.close();
    await events.ended;
  });

  it('keeps a silent stream alive with comments', async () => {
    const { base, stage } = await listening();
    const client = await rawClient(Number(new URL(base).port));
    client.write('GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n');
    await client.received(/retry: 1000/);
    stage.clock.increment(20_000);
    await client.received(/: keep-alive/);
  });
});

describe('GET /api/v1/services/{id}/events as a stream', () => {
  it('tells the records of this service alone, and its removal and return', async () => {
    const { base, register, stage } = await listening();
    register('a');
    register('b');
    const events = await liveEvents(`${base}/api/v1/services/a/events?after=0`);
    expect((await events.next()).data).toMatchObject({ id: 'a', seq: 1 });
    register('c');
    await stage.registry.remove('a');
    stage.clock.increment(100);
    expect((await events.next()).data).toMatchObject({ id: 'a', to: 'Removed' });
    register('a');
    stage.clock.increment(100);
    expect((await events.next()).data).toMatchObject({ id: 'a', n: 1 });
  });
});
