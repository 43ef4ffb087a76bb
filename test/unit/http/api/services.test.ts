import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UnreadableRecordError } from '../../../../src/store/errors.ts';
import { order } from '../../../support/actors-fixtures.ts';
import { apiApp, expectSchema } from '../../../support/api-app.ts';

interface Page {
  readonly items: { readonly id: string; readonly state: string; readonly type: string }[];
  readonly nextCursor: string | null;
  readonly unreadable: { readonly id: string; readonly reason: string }[];
}

type Get = ReturnType<typeof apiApp>['get'];
const page = async (get: Get, query: string) => (await get(`/api/v1/services${query}`)) as unknown as Page;
const ids = ({ items }: Page) => items.map(({ id }) => id);

/** Every id that the pages of a query hold, in their order. */
async function allIds(get: Get, query: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = '';
  for (;;) {
    const { items, nextCursor } = await page(get, `?${query}${cursor}`);
    found.push(...items.map(({ id }) => id));
    if (nextCursor === null) return found;
    cursor = `&cursor=${nextCursor}`;
  }
}

/** One service of each kind: asleep, ready, suspect is left out, cooling down, ended. */
async function zoo() {
  const api = apiApp();
  const { stage } = api;
  const { registry } = stage;
  registry.declare('asleep', order('Persistent'), false);
  await stage.ready('ready', 'OneShot');
  await stage.ready('running', 'Persistent');
  registry.ensure('cooling', order('Persistent'));
  (await stage.start()).fail();
  registry.ensure('failed', order('OneShot'));
  (await stage.start()).fail();
  registry.ensure('starting', order('OneShot'));
  await stage.start();
  await stage.pass(0);
  return api;
}

describe('GET /api/v1/services', () => {
  it('lists every service in the order of ids, as the schema says', async () => {
    const { get } = await zoo();
    const all = await page(get, '');
    expect(all.items.map(({ id, state }) => [id, state])).toEqual([
      ['asleep', 'Pending.Asleep'],
      ['cooling', 'CoolingDown'],
      ['failed', 'Ended.Failed'],
      ['ready', 'Ready.Healthy'],
      ['running', 'Ready.Healthy'],
      ['starting', 'Pending.Starting'],
    ]);
    expect(all).toMatchObject({ nextCursor: null, unreadable: [] });
    for (const item of all.items) expectSchema('Service', item);
  });

  it.each([
    ['state=Ready', ['ready', 'running']],
    ['state=Ready.Healthy', ['ready', 'running']],
    ['state=Ready.Suspect', []],
    ['state=Pending', ['asleep', 'starting']],
    ['state=Pending.Starting', ['starting']],
    ['state=CoolingDown', ['cooling']],
    ['state=Ended', ['failed']],
    ['state=Removed', []],
    ['type=OneShot', ['failed', 'ready', 'starting']],
    ['type=Persistent&state=Ready', ['running']],
    ['q=ing', ['cooling', 'running', 'starting']],
    ['q=ing&type=Persistent', ['cooling', 'running']],
    ['q=nobody', []],
  ])('given ?%s, then exactly those that fit', async (query, expected) => {
    const { get } = await zoo();
    expect(await allIds(get, query)).toEqual(expected);
    expect(await allIds(get, `${query}&limit=1`)).toEqual(expected);
  });

  it('goes through all in pages of any size, each service once, while others come', async () => {
    const { get, stage } = apiApp();
    const names = Array.from({ length: 23 }, (_, n) => `s${String(n).padStart(2, '0')}`);
    await Promise.all(names.map(id => stage.registry.declare(id, order('OneShot'), false)));
    for (const limit of [1, 7, 22, 23, 200]) expect(await allIds(get, `limit=${limit}`)).toEqual(names);
    const first = await page(get, '?limit=10');
    await stage.registry.declare('a-newcomer', order('OneShot'), false);
    await stage.registry.declare('s99', order('OneShot'), false);
    expect(ids(await page(get, `?limit=50&cursor=${first.nextCursor}`))).toEqual([...names.slice(10), 's99']);
  });

  it.each(['中文', 'with space', 'a%2fb', 'ünï'])('goes on behind the id %s', async id => {
    const { get, stage } = apiApp();
    stage.registry.declare(id, order('OneShot'), false);
    stage.registry.declare('0', order('OneShot'), false);
    expect(await allIds(get, 'limit=1')).toEqual(['0', id]);
  });

  it('given a service that cannot be read, then it is named apart and hides no other', async () => {
    const { get, stage } = await zoo();
    const { log } = stage;
    const head = log.head.bind(log);
    Object.assign(log, {
      head: (id: string) => {
        if (id === 'failed') throw new UnreadableRecordError('its head is damaged');
        return head(id);
      },
    });
    const all = await page(get, '');
    expect(all.unreadable).toEqual([{ id: 'failed', reason: 'its head is damaged' }]);
    expect(ids(all)).toEqual(['asleep', 'cooling', 'ready', 'running', 'starting']);
  });

  it.each([
    ['state=Broken', 'state'],
    ['type=Eternal', 'type'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=many', 'limit'],
    ['cursor=%21', 'cursor'],
  ])('given ?%s, then 0011 names %s', async (query, field) => {
    const { app } = apiApp();
    const reply = await app.inject(`/api/v1/services?${query}`);
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain(field);
    expectSchema('Refusal', reply.json());
  });

  it('given a token for some services only, then only they are listed', async () => {
    const sha256 = createHash('sha256').update('t').digest();
    const token = {
      name: 'team',
      scopes: ['view'] as const,
      services: ['running', 'nobody', 'asleep'],
      sha256,
    };
    const { app, stage } = apiApp({ settings: { authTokens: [token] } });
    stage.registry.declare('asleep', order('Persistent'), false);
    stage.registry.declare('others', order('Persistent'), false);
    await stage.ready('running', 'Persistent');
    const headers = { authorization: 'Bearer t' };
    const reply = await app.inject({ url: '/api/v1/services', headers });
    expect(reply.json().data.items.map(({ id }: { id: string }) => id)).toEqual(['asleep', 'running']);
    expect((await app.inject({ url: '/api/v1/services/others', headers })).statusCode).toBe(403);
  });
});
