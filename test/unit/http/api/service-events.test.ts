import { describe, expect, it } from 'vitest';
import { order } from '../../../support/actors-fixtures.ts';
import { apiApp, expectSchema } from '../../../support/api-app.ts';

const url = '/api/v1/services/a';

interface Shown {
  readonly seq: number;
  readonly n: number;
  readonly to: string;
  readonly cause: string;
  readonly event: { readonly type: string };
}
interface Page {
  readonly items: readonly Shown[];
  readonly nextCursor: string | null;
}

/** A service that failed once, came up, and is ready; another has records in between. */
async function withHistory() {
  const api = apiApp();
  const { stage } = api;
  stage.registry.ensure('a', order('Persistent'));
  const first = await stage.start();
  stage.registry.declare('b', order('OneShot'), false);
  await first.spawn();
  first.fail('command not found: servr');
  await stage.pass(0);
  await stage.pass(1000);
  const second = await stage.start(1);
  await second.spawn();
  second.succeed();
  await stage.pass(0);
  return {
    ...api,
    page: async (query: string) => (await api.get(`${url}/events${query}`)) as unknown as Page,
  };
}

describe('GET /api/v1/services/{id}/events', () => {
  it('tells what happened, in order, with its cause', async () => {
    const { page } = await withHistory();
    const { items, nextCursor } = await page('');
    expect(nextCursor).toBeNull();
    for (const item of items) expectSchema('Record', item);
    expect(items.map(({ n }) => n)).toEqual(items.map((_, index) => index + 1));
    expect(items.map(({ event, to, cause }) => [event.type, to, cause])).toEqual([
      ['registered', 'Pending.Asleep', 'Registered as a Persistent service'],
      ['start requested', 'Pending.Queued', 'Pending.Queued because check_status asked for a start'],
      ['start permitted', 'Pending.Starting', 'Pending.Starting because a start permit was free'],
      ['spawned', 'Pending.Starting', 'The backend was spawned as process 101'],
      ['start failed', 'CoolingDown', 'CoolingDown because the start failed: command not found: servr'],
      ['after cooldown', 'Pending.Queued', 'Pending.Queued because the cooldown is over'],
      ['start permitted', 'Pending.Starting', 'Pending.Starting because a start permit was free'],
      ['spawned', 'Pending.Starting', 'The backend was spawned as process 102'],
      ['start succeeded', 'Ready.Healthy', 'Ready.Healthy because fake 1 completed the MCP handshake'],
    ]);
    expect(items[3]?.event).toEqual({ type: 'spawned', generation: 1, process: { pid: 101 } });
  });

  it('goes forwards with after and backwards with before', async () => {
    const { page } = await withHistory();
    const { items } = await page('');
    const seqs = items.map(({ seq }) => seq);
    const third = seqs[2] ?? 0;
    const forwards = await page(`?after=${third}&limit=4`);
    expect(forwards.items.map(({ seq }) => seq)).toEqual(seqs.slice(3, 7));
    expect(forwards.nextCursor).toBe(String(seqs[6]));
    const last = await page(`?after=${forwards.nextCursor}&limit=4`);
    expect(last).toMatchObject({ items: [{ seq: seqs[7] }, { seq: seqs[8] }], nextCursor: null });
    const newest = await page('?before=999999&limit=4');
    expect(newest.items.map(({ seq }) => seq)).toEqual(seqs.slice(5));
    const older = await page(`?before=${newest.nextCursor}&limit=4`);
    expect(older.items.map(({ seq }) => seq)).toEqual(seqs.slice(1, 5));
    expect(await page(`?before=${older.nextCursor}`)).toMatchObject({ items: [{ n: 1 }], nextCursor: null });
  });

  it('speaks the language of the caller', async () => {
    const { get } = await withHistory();
    const page = (await get(`${url}/events?limit=2`, { 'accept-language': 'zh-CN' })) as unknown as Page;
    expect(page.items[1]?.cause).toBe('Pending.Queued：check_status 要求启动');
  });

  it('shows no fingerprint of a config', async () => {
    const { app, stage } = await withHistory();
    const fingerprint = String(stage.log.head('a')?.record.to.context.config);
    expect(fingerprint.length).toBeGreaterThan(10);
    for (const path of ['/events', '/state?at=1', '']) {
      const reply = await app.inject(`${url}${path}`);
      expect(reply.statusCode).toBe(200);
      expect(reply.body).not.toContain(fingerprint);
    }
  });

  it.each([
    ['after=-1', 'after'],
    ['after=x', 'after'],
    ['after=1&before=2', 'before'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
  ])('given ?%s, then 0011 names %s', async (query, field) => {
    const { app } = await withHistory();
    const reply = await app.inject(`${url}/events?${query}`);
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain(field);
  });

  it('given an unknown service, then 0001, on a stream, too', async () => {
    const { app, codes } = apiApp();
    expect(await codes('GET', `${url}/events`)).toEqual([404, '0001']);
    const stream = await app.inject({ url: `${url}/events`, headers: { accept: 'text/event-stream' } });
    expect([stream.statusCode, stream.json().code]).toEqual([404, '0001']);
  });

  it('given a Last-Event-ID that is none of its ids, then 0011', async () => {
    const { app } = await withHistory();
    const headers = { accept: 'text/event-stream', 'last-event-id': '../7' };
    const reply = await app.inject({ url: `${url}/events`, headers });
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain('Last-Event-ID');
  });

  it('given an Accept that names neither form, then 406', async () => {
    const { app } = await withHistory();
    const reply = await app.inject({ url: `${url}/events`, headers: { accept: 'text/html' } });
    expect(reply.statusCode).toBe(406);
  });
});

describe('GET /api/v1/services/{id}/state', () => {
  it('tells the state after any record, equal to what the log holds', async () => {
    const { get, stage } = await withHistory();
    for (const record of stage.log.read('a')) {
      const past = await get(`${url}/state?at=${record.seq}`);
      expectSchema('PastState', past);
      const context = record.to.context as { generation: number; dueAt: number | null };
      expect(past).toMatchObject({
        id: 'a',
        seq: record.seq,
        context: {
          generation: context.generation,
          dueAt: context.dueAt === null ? null : new Date(context.dueAt).toISOString(),
        },
      });
    }
  });

  it('takes a time with any offset', async () => {
    const { get } = await withHistory();
    const cooling = { state: 'CoolingDown', at: '1970-01-01T00:00:00.000Z' };
    expect(await get(`${url}/state?at=1970-01-01T00:00:00.999Z`)).toMatchObject(cooling);
    expect(await get(`${url}/state?at=1970-01-01T02:00:00.5%2B02:00`)).toMatchObject(cooling);
    expect(await get(`${url}/state?at=1970-01-01T00:00:01Z`)).toMatchObject({ state: 'Ready.Healthy' });
  });

  it('before its registration there was none (0001); what is pruned is told with what is left (0011)', async () => {
    const { app, stage } = await withHistory();
    const other = '/api/v1/services/b/state';
    const early = await app.inject(`${other}?at=2`);
    expect([early.statusCode, early.json().code]).toEqual([404, '0001']);
    stage.log.prune({ maxRecords: 3, before: 0 }, 100);
    const [oldest] = stage.log.read('a');
    const pruned = await app.inject(`${url}/state?at=2`);
    expect([pruned.statusCode, pruned.json().code]).toEqual([400, '0011']);
    expect(pruned.json().message).toContain(`from seq ${oldest?.seq} on`);
  });

  it.each(['', '?at=', '?at=yesterday', '?at=2026-01-02', '?at=-1', '?at=2026-13-01T00:00:00Z'])(
    'given %s, then 0011 names at',
    async query => {
      const { app } = await withHistory();
      const reply = await app.inject(`${url}/state${query}`);
      expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
      expect(reply.json().message).toContain('at');
    },
  );
});
