import { describe, expect, it } from 'vitest';
import { look } from '../../support/api-client.ts';
import { gatewayHome } from '../../support/gateway-home.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../../support/gateway-process.ts';
import {
  callTool,
  configHeader,
  isAlive,
  knock,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';

const header = (server: object, type: string) => ({ 'x-mcp-json': configHeader(server), 'x-mcp-type': type });
const fails = { command: process.execPath, args: ['-e', 'process.exit(3)'] };
/** Longer than two boots on a busy machine. */
const COOLDOWN = ['--restart-cooldown-ms', '15000'];

interface Cooling {
  readonly state: string;
  readonly next: { readonly what: string; readonly at: string } | null;
}

const pidOf = async (url: string, id: string) =>
  (JSON.parse(await callTool(url, id, 'who', {})) as { pid: number }).pid;

/** A detached grandchild that ignores what happens to its parents. */
const grandchildOf = async (url: string, id: string) =>
  (
    JSON.parse(await callTool(url, id, 'spawn_grandchild', { seconds: 600, detached: true })) as {
      pid: number;
    }
  ).pid;

describe('kill -9 of the gateway', () => {
  const home = gatewayHome();

  it('a Persistent is Ready again, one in CoolingDown waits out the rest, a OneShot is Ended with the reason; no process is left (invariants 5, 6, 9)', async () => {
    let gateway = await home.start(...COOLDOWN);
    const { url } = gateway;
    const stubborn = tinyServer('--ignore-sigterm');
    await Promise.all([
      knock(url, 'persistent', header(stubborn, 'Persistent')),
      knock(url, 'oneshot', header(stubborn, 'OneShot')),
      knock(url, 'cooling', header(fails, 'Persistent')),
    ]);
    const pids = await Promise.all([
      pidOf(url, 'persistent'),
      pidOf(url, 'oneshot'),
      grandchildOf(url, 'persistent'),
      grandchildOf(url, 'oneshot'),
    ]);
    const cooling = await look<Cooling>(url, '/services/cooling');
    expect(cooling).toMatchObject({ state: 'CoolingDown', next: { what: 'It restarts' } });
    await gateway.end('SIGKILL');

    gateway = await home.start(...COOLDOWN);
    const after = gateway.url;
    expect(pids.filter(isAlive)).toEqual([]);
    const oneshot = await statusOf(after, 'oneshot');
    expect([oneshot.state, oneshot.lastError]).toEqual(['Ended.Completed', 'gateway restarted']);
    expect((await knock(after, 'oneshot')).body.code).toBe('0006');
    const still = await look<Cooling>(after, '/services/cooling');
    expect([still.state, still.next]).toEqual(['CoolingDown', cooling.next]);
    await untilState(after, 'persistent', /^Ready/);
    expect(await callTool(after, 'persistent', 'echo', { message: 'back' })).toBe('back');
    await untilState(after, 'cooling', /Pending/);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(still.next?.at)));
  });
});

describe('kill -9 of a child', () => {
  const home = gatewayHome();

  it('the call in flight gets one clear outcome, and a Persistent comes back after its cooldown', async () => {
    const gateway = await home.start('--restart-cooldown-ms', '300');
    const { url } = gateway;
    await knock(url, 'victim', header(tinyServer(), 'Persistent'));
    const pid = await pidOf(url, 'victim');
    const hanging = callTool(url, 'victim', 'hang', {});
    hanging.catch(() => {}); // looked at below
    while ((JSON.parse(await callTool(url, 'victim', 'who', {})) as { inFlight: number }).inFlight === 0);
    process.kill(pid, 'SIGKILL');
    await expect(hanging).rejects.toThrow(/0005.*SIGKILL/);
    await untilState(url, 'victim', /^Ready/);
    expect(await pidOf(url, 'victim')).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('SIGTERM to the gateway', () => {
  it('answers what is in flight, ends every process tree and exits 0 (invariant 9)', async () => {
    const dataDir = temporaryDirectory();
    const gateway = await startGateway(dataDir);
    const { url } = gateway;
    await knock(url, 'busy', header(tinyServer('--ignore-sigterm'), 'Persistent'));
    const pids = [await pidOf(url, 'busy'), await grandchildOf(url, 'busy')];
    const sleeping = callTool(url, 'busy', 'sleep', { ms: 800 });
    while ((JSON.parse(await callTool(url, 'busy', 'who', {})) as { inFlight: number }).inFlight === 0);
    const code = await gateway.end('SIGTERM');
    expect(await sleeping).toBe('slept 800 ms');
    expect(code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    removeDirectory(dataDir);
  });
});
