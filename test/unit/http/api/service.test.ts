import { describe, expect, it } from 'vitest';
import { order } from '../../../support/actors-fixtures.ts';
import { apiApp, expectSchema } from '../../../support/api-app.ts';
import { stdioConfig } from '../../../support/http-app.ts';

const url = '/api/v1/services/a';

describe('GET /api/v1/services/{id}', () => {
  it('given a service that is ready, then it tells who uses it, what it runs and what comes next', async () => {
    const { get, stage, trees } = apiApp();
    await stage.pass(5000);
    trees.set(101, { rssBytes: 40_960, cpuMs: new Map() });
    const lane = await stage.ready('a', 'OneShot');
    Object.assign(lane, { openSessions: 3, inFlight: 2 });
    const data = await get(url);
    expectSchema('ServiceDetail', data);
    expect(data).toMatchObject({
      id: 'a',
      type: 'OneShot',
      nextType: null,
      state: 'Ready.Healthy',
      since: '1970-01-01T00:00:05.000Z',
      why: 'Ready.Healthy because fake 1 completed the MCP handshake',
      next: { what: 'It ends if nobody uses it until then', at: '1970-01-01T00:05:05.000Z' },
      restarts: 0,
      failures: 0,
      sessions: 3,
      inFlight: 2,
      held: 0,
      pid: 101,
      server: { name: 'fake', version: '1' },
      lastError: null,
      retryAfterMs: null,
      backend: { kind: 'stdio', description: 'server (0 arguments, 0 environment variables)' },
      lanes: [{ lane: 0, pid: 101, era: 'legacy', sessions: 3, inFlight: 2 }],
      tools: null,
      stderr: [],
      vitals: {
        at: '1970-01-01T00:00:05.000Z',
        id: 'a',
        sessions: 3,
        inFlight: 2,
        held: 0,
        pid: 101,
        rssBytes: 40_960,
        cpuPercent: null,
      },
    });
  });

  it('given a service that does not run, then it has no vitals', async () => {
    const { get, stage } = apiApp();
    stage.registry.declare('a', order('OneShot'), false);
    const data = await get(url);
    expectSchema('ServiceDetail', data);
    expect(data).toMatchObject({ vitals: null, pid: null, server: null });
  });

  it('given a service that is busy, then nothing ends it', async () => {
    const { get, stage } = apiApp();
    const lane = await stage.ready('a', 'OneShot');
    lane.load = 1;
    expect(await get(url)).toMatchObject({ next: null });
  });

  it('given requests that are held, then they are counted', async () => {
    const { get, stage } = apiApp();
    stage.registry.ensure('a', order('Persistent'));
    await stage.start();
    void stage.admit('a');
    void stage.admit('a');
    expect(await get(url)).toMatchObject({ state: 'Pending.Starting', held: 2, inFlight: 0 });
  });

  it('given a service that cools down, then it tells why and when it restarts, in the caller language', async () => {
    const { get, stage } = apiApp();
    stage.registry.ensure('a', order('Persistent'));
    (await stage.start()).fail('command not found: servr');
    await stage.pass(0);
    await stage.pass(400);
    expect(await get(url)).toMatchObject({
      state: 'CoolingDown',
      why: 'CoolingDown because the start failed: command not found: servr',
      next: { what: 'It restarts', at: '1970-01-01T00:00:01.000Z' },
      lastError: 'command not found: servr',
      retryAfterMs: 600,
      failures: 1,
      pid: null,
      lanes: [],
    });
    const chinese = await get(url, { 'accept-language': 'zh-TW' });
    expect(chinese).toMatchObject({
      why: 'CoolingDown：啟動失敗：command not found: servr',
      next: { what: '重新啟動' },
    });
  });

  it('given a backend that has ended, then its last lines on stderr are still there, until another start', async () => {
    const { get, stage } = apiApp();
    const lane = await stage.ready('a', 'OneShot');
    stage.starts[0]?.request.onStderr?.(() => ['listening', 'Error: no such database']);
    lane.lose('exited with code 1');
    await stage.pass(0);
    expect(await get(url)).toMatchObject({
      state: 'Ended.Completed',
      why: 'Ended.Completed because the backend was lost: exited with code 1',
      stderr: ['listening', 'Error: no such database'],
    });
    expect(stage.registry.live.find('a')).toBeUndefined();
    await stage.ready('a', 'OneShot');
    stage.starts[1]?.request.onStderr?.(() => ['listening']);
    expect(await get(url)).toMatchObject({ stderr: ['listening'] });
  });

  it('given an unknown id, then 0001; given none that can be, 0011', async () => {
    const { codes } = apiApp();
    expect(await codes('GET', url)).toEqual([404, '0001']);
    expect(await codes('GET', '/api/v1/services/a%2Fb')).toEqual([400, '0011']);
    expect(await codes('GET', '/api/v1/services/')).toEqual([400, '0001']);
  });
});

describe('PUT /api/v1/services/{id}', () => {
  const put = (app: ReturnType<typeof apiApp>['app'], payload: object) =>
    app.inject({ method: 'PUT', url, payload });

  it('registers a service and starts nothing', async () => {
    const { app, stage } = apiApp();
    const reply = await put(app, { type: 'persistent', config: stdioConfig });
    expect(reply.statusCode).toBe(200);
    expectSchema('Service', reply.json().data);
    expect(reply.json().data).toMatchObject({
      id: 'a',
      type: 'Persistent',
      state: 'Pending.Asleep',
      why: 'Pending.Asleep because nobody has started it yet',
      next: null,
    });
    await stage.pass(0);
    expect(stage.starts).toEqual([]);
  });

  it('given a service that runs, then it goes on; config and type are those of the next start', async () => {
    const { app, get, stage } = apiApp();
    await stage.ready('a', 'OneShot');
    const { data } = (await put(app, { type: 'Persistent', config: { command: 'other' } })).json();
    expect(data).toMatchObject({ state: 'Ready.Healthy', type: 'OneShot', nextType: 'Persistent' });
    stage.registry.request('a', 'restart requested');
    await (await stage.start(1)).spawn();
    expect(await get(url)).toMatchObject({ type: 'Persistent', nextType: null });
    expect(stage.starts[1]?.request.config).toMatchObject({ command: 'other' });
  });

  it.each([
    ['type', { config: stdioConfig }],
    ['type', { type: 'Eternal', config: stdioConfig }],
    ['config', { type: 'OneShot' }],
    ['config', { type: 'OneShot', config: { command: 7 } }],
    ['config', { type: 'OneShot', config: [] }],
  ])('names %s when it is wrong (0011)', async (field, payload) => {
    const { app, stage } = apiApp();
    const reply = await put(app, payload);
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain(field);
    expect(stage.log.count()).toBe(0);
  });
});

describe('DELETE /api/v1/services/{id}', () => {
  it('answers when the last process is gone, and says so as often as it is asked', async () => {
    const { app, stage } = apiApp();
    const lane = await stage.ready('a', 'Persistent');
    lane.lingers = true;
    let answered = false;
    const first = app.inject({ method: 'DELETE', url }).then(reply => {
      answered = true;
      return reply;
    });
    await stage.pass(0);
    expect(answered).toBe(false);
    lane.gone.resolve();
    expect((await first).json()).toMatchObject({ code: '0000', data: { id: 'a', removed: true } });
    const again = await app.inject({ method: 'DELETE', url });
    expect(again.json()).toMatchObject({ code: '0000', data: { id: 'a', removed: false } });
  });
});

describe('POST /api/v1/services/{id}/…', () => {
  const post = async ({ app, stage }: ReturnType<typeof apiApp>, action: string) => {
    const reply = await app.inject({ method: 'POST', url: `${url}/${action}` });
    await stage.pass(0);
    return reply.json().data?.state ?? reply.json().code;
  };

  it('start: what does not run is started, by the API; what runs goes on', async () => {
    const api = apiApp();
    api.stage.registry.declare('a', order('OneShot'), false);
    expect(await post(api, 'start')).toBe('Pending.Starting');
    expect(await post(api, 'start')).toBe('Pending.Starting');
    expect(api.stage.starts).toHaveLength(1);
    expect(api.stage.log.read('a').map(({ event }) => [event.type, event.by ?? null])).toContainEqual([
      'start requested',
      'api',
    ]);
  });

  it('stop: what runs is stopped and stays registered, and is not started by a request', async () => {
    const api = apiApp();
    await api.stage.ready('a', 'Persistent');
    expect(await post(api, 'stop')).toBe('Ended.Completed');
    expect(await api.get(url)).toMatchObject({
      state: 'Ended.Completed',
      why: 'Ended.Completed because a stop was asked for',
      next: null,
    });
    expect(await post(api, 'stop')).toBe('Ended.Completed');
  });

  it('restart: a cooldown is cut short', async () => {
    const api = apiApp();
    api.stage.registry.ensure('a', order('Persistent'));
    (await api.stage.start()).fail();
    await api.stage.pass(0);
    expect(await post(api, 'start')).toBe('CoolingDown');
    expect(await post(api, 'restart')).toBe('Pending.Starting');
    expect(api.stage.starts).toHaveLength(2);
  });

  it.each(['start', 'stop', 'restart'])('%s: an unknown id is 0001', async action => {
    const { codes } = apiApp();
    expect(await codes('POST', `${url}/${action}`)).toEqual([404, '0001']);
  });

  it('takes the empty JSON body some clients send', async () => {
    const { app, stage } = apiApp();
    stage.registry.declare('a', order('OneShot'), false);
    const headers = { 'content-type': 'application/json' };
    const reply = await app.inject({ method: 'POST', url: `${url}/start`, headers, payload: '' });
    expect(reply.json().code).toBe('0000');
  });

  it('given a log that cannot be written, then 0009 and nothing has happened', async () => {
    const { app, stage } = apiApp();
    stage.registry.declare('a', order('OneShot'), false);
    stage.space = 0;
    const reply = await app.inject({ method: 'POST', url: `${url}/start` });
    expect([reply.statusCode, reply.json().code]).toEqual([503, '0009']);
    expect(stage.state('a')).toBe('Pending.Asleep');
  });
});
