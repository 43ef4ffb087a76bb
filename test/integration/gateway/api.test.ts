import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { api, look, until } from '../../support/api-client.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, isAlive, tinyServer, untilState } from '../../support/http-client.ts';
import { liveEvents } from '../../support/live-events.ts';

interface Service {
  readonly state: string;
  readonly why: string;
  readonly next: { readonly what: string; readonly at: string } | null;
  readonly pid: number | null;
  readonly restarts: number;
  readonly sessions: number;
  readonly inFlight: number;
  readonly stderr: readonly string[];
  readonly vitals: { readonly rssBytes: number; readonly cpuPercent: number | null } | null;
}

describe('the API of a running gateway', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;
  const service = (id: string) => look<Service>(url, `/services/${id}`);

  beforeAll(async () => {
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '400', '--stop-grace-ms', '500');
    url = gateway.url;
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('registers, starts, restarts, stops and removes a service, and shows each step', async () => {
    const put = await api(url, 'PUT', '/services/files', { type: 'Persistent', config: tinyServer() });
    expect([put.status, put.body.data]).toMatchObject([200, { state: 'Pending.Asleep', type: 'Persistent' }]);

    await api(url, 'POST', '/services/files/start');
    await untilState(url, 'files', /Ready/);
    const first = await service('files');
    expect(first).toMatchObject({ state: 'Ready.Healthy', server: { name: 'tiny-server' }, restarts: 0 });
    expect(isAlive(first.pid ?? 0)).toBe(true);

    await api(url, 'POST', '/services/files/restart');
    const second = await until(
      () => service('files'),
      ({ state, pid }) => state === 'Ready.Healthy' && pid !== first.pid,
    );
    expect(isAlive(first.pid ?? 0)).toBe(false);

    await api(url, 'POST', '/services/files/stop');
    expect(await service('files')).toMatchObject({
      state: 'Ended.Completed',
      why: 'Ended.Completed because a stop was asked for',
    });
    const list = await look<{ items: { id: string }[] }>(url, '/services?state=Ended');
    expect(list.items.map(({ id }) => id)).toEqual(['files']);

    const removed = await api(url, 'DELETE', '/services/files');
    expect(removed.body.data).toEqual({ id: 'files', removed: true });
    expect(isAlive(second.pid ?? 0)).toBe(false);
    expect((await api(url, 'GET', '/services/files')).status).toBe(404);
  });

  it('given a backend that dies, then it tells why, what its last words were and when it restarts', async () => {
    const script = 'console.error("the database is gone"); process.exit(3)';
    const config = { command: process.execPath, args: ['-e', script] };
    await api(url, 'PUT', '/services/dying', { type: 'Persistent', config });
    await api(url, 'POST', '/services/dying/start');
    const dying = await until(
      () => service('dying'),
      ({ state }) => state === 'CoolingDown',
    );
    expect(dying.why).toContain('exited with code 3');
    expect(dying.next?.what).toBe('It restarts');
    expect(Date.parse(dying.next?.at ?? '')).toBeGreaterThan(0);
    expect(dying.stderr).toContain('the database is gone');
    await api(url, 'DELETE', '/services/dying');
  });

  it('never shows a value of the environment, whatever the backend does with it', async () => {
    const secret = 'correct-horse-battery-staple';
    const script = 'console.error("key", process.env.API_KEY); process.exit(Number(process.env.CODE))';
    const config = {
      command: process.execPath,
      args: ['-e', script],
      env: { API_KEY: secret, CODE: '9' },
    };
    await api(url, 'PUT', '/services/leaky', { type: 'OneShot', config });
    await api(url, 'POST', '/services/leaky/start');
    await untilState(url, 'leaky', /Ended/);
    for (const path of ['/services/leaky', '/services']) {
      const text = JSON.stringify(await look(url, path));
      expect(text).toContain('leaky');
      expect(text).not.toContain(secret);
    }
    expect((await service('leaky')).stderr).toEqual(['key [hidden]']);
  });

  it('measures the process tree', async () => {
    await api(url, 'PUT', '/services/tree', { type: 'Persistent', config: tinyServer() });
    await api(url, 'POST', '/services/tree/start');
    await untilState(url, 'tree', /Ready/);
    const alone = await service('tree');
    expect(alone.vitals).toMatchObject({ id: 'tree', pid: alone.pid });
    expect(alone.vitals?.rssBytes).toBeGreaterThan(10_000_000);
    const events = await liveEvents(`${url}/api/v1/events?vitals=1`);
    for (let cpu: unknown = null; cpu === null; ) {
      const { type, data } = await events.next();
      const services =
        type === 'vitals' ? (data.services as { id: string; cpuPercent: number | null }[]) : [];
      cpu = services.find(({ id }) => id === 'tree')?.cpuPercent ?? null;
    }
    await api(url, 'DELETE', '/services/tree');
  });

  it('counts sessions and calls while they are there', async () => {
    await api(url, 'PUT', '/services/busy', { type: 'Persistent', config: tinyServer() });
    await api(url, 'POST', '/services/busy/start');
    await untilState(url, 'busy', /Ready/);
    const call = callTool(url, 'busy', 'hold', {});
    await until(
      () => service('busy'),
      ({ inFlight, sessions }) => inFlight === 1 && sessions === 1,
    );
    await callTool(url, 'busy', 'release', {});
    await call;
    expect(await service('busy')).toMatchObject({ inFlight: 0, sessions: 2 });
  });
});

describe('a live stream over a gateway that is killed', () => {
  it('goes on behind the last record it had, without a gap or a repetition', async () => {
    const dataDir = temporaryDirectory();
    let gateway = await startGateway(dataDir, '--restart-cooldown-ms', '200');
    onTestFinished(async () => {
      await gateway.end('SIGKILL');
      removeDirectory(dataDir);
    });
    const events = await liveEvents(`${gateway.url}/api/v1/events`);
    await api(gateway.url, 'PUT', '/services/a', { type: 'Persistent', config: tinyServer() });
    await api(gateway.url, 'POST', '/services/a/start');
    let seq = 0;
    for (let to = ''; to !== 'Ready.Healthy'; ) {
      const { data } = await events.next();
      expect(data.seq).toBe(seq + 1);
      seq = data.seq;
      to = String(data.to);
    }
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '200');
    const again = await liveEvents(`${gateway.url}/api/v1/events`, { 'last-event-id': String(seq) });
    const first = await again.next();
    expect(first.data).toMatchObject({
      seq: seq + 1,
      event: { type: 'gateway restarted' },
      cause: 'Pending.Queued because the gateway restarted',
    });
  });
});
