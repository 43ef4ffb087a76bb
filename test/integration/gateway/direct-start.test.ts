import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/store/event-log.ts';
import { LmdbLog, openDataDirForReading } from '../../../src/store/lmdb-log.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, checkStatus, untilState } from '../../support/http-client.ts';
import { startRegistry, type TestRegistry } from '../../support/npm-registry.ts';

const TINY = readFileSync(new URL('../../fixtures/tiny-server.mjs', import.meta.url), 'utf8');
const FLAGS = ['--restart-cooldown-ms', '3000', '--stable-after-ms', '10'];

describe('a service whose command is npx', { timeout: 120_000 }, () => {
  let root: string;
  let dataDir: string;
  let home: string;
  let registry: TestRegistry;
  let gateway: RunningGateway;

  beforeEach(async () => {
    root = realpathSync(temporaryDirectory());
    [dataDir, home] = [join(root, 'data'), join(root, 'home')];
    mkdirSync(home);
    const files = { 'main.mjs': `#!/usr/bin/env node\n${TINY}` };
    registry = await startRegistry({ name: 'tiny-told', version: '1.0.0', bin: 'main.mjs', files });
    writeFileSync(join(home, '.npmrc'), `registry=${registry.url}/\nupdate-notifier=false\n`);
    gateway = await startGateway(dataDir, ...FLAGS);
  });
  afterEach(async () => {
    await gateway.end('SIGTERM');
    await registry.close();
    removeDirectory(root);
  });

  const start = async (...args: string[]) => {
    const server = { command: 'npx', args: ['-y', 'tiny-told', ...args], env: { HOME: home }, cwd: home };
    await checkStatus(gateway.url, 'svc', server, 'Persistent');
    await untilState(gateway.url, 'svc', /^Ready/);
  };
  const again = async () => {
    await callTool(gateway.url, 'svc', 'crash', {}).catch(() => 'it is gone');
    await untilState(gateway.url, 'svc', /^(Unhealthy|CoolingDown|Pending)/);
    await untilState(gateway.url, 'svc', /^Ready/);
  };

  /** What the last spawn on record ran, and its process. */
  async function lastSpawn(): Promise<{ ran: JsonObject | undefined; pid: number }> {
    const log = new LmdbLog(openDataDirForReading({ dataDir }));
    const spawned = log.read('svc').findLast(({ event }) => event.type === 'spawned')?.event;
    await log.close();
    const { ran, process } = spawned as unknown as { ran?: JsonObject; process: { pid: number } };
    return { ran, pid: process.pid };
  }
  const serverPid = async () => {
    const who = JSON.parse(await callTool(gateway.url, 'svc', 'who', {})) as { pid: number };
    return who.pid;
  };
  const untilFailuresForgotten = async () => {
    const log = new LmdbLog(openDataDirForReading({ dataDir }));
    while (log.head('svc')?.record.to.context.failures !== 0) await new Promise(setImmediate);
    await log.close();
  };

  it('is installed and started by npx first, then started directly: one process, the same command, on record', async () => {
    await start();
    expect((await lastSpawn()).ran).toEqual({ by: 'npx', because: 'npx has not installed it yet' });
    expect(await serverPid()).not.toBe((await lastSpawn()).pid);
    await untilFailuresForgotten();

    gateway = await restarted();
    await untilState(gateway.url, 'svc', /^Ready/);
    const { ran, pid } = await lastSpawn();
    expect(ran).toMatchObject({ by: 'node', package: 'tiny-told@1.0.0' });
    expect(await serverPid()).toBe(pid);
    expect(await callTool(gateway.url, 'svc', 'echo', { message: 'x' })).toBe('x');
  });

  it('is left to npx when a direct start failed, and when the setting says so', async () => {
    await start();
    await untilFailuresForgotten();
    await again();
    expect((await lastSpawn()).ran).toEqual({
      by: 'npx',
      because: 'the last start failed, or did not last',
    });
    await untilFailuresForgotten();
    gateway = await restarted('--no-direct-start');
    await untilState(gateway.url, 'svc', /^Ready/);
    expect((await lastSpawn()).ran).toBeUndefined();
  });

  it('given allowedCommands, then these are asked about the config, and a command that is allowed is started directly', async () => {
    await gateway.end('SIGTERM');
    const allowed = ['--allowed-commands=npx -y tiny-told', `--allowed-directories=${home}`];
    gateway = await startGatewayWith({ HOME: home }, dataDir, ...FLAGS, ...allowed);
    const config = { command: 'npx', args: ['-y', 'tiny-told'], cwd: home };
    await checkStatus(gateway.url, 'svc', config, 'Persistent');
    await untilState(gateway.url, 'svc', /^Ready/);
    await untilFailuresForgotten();
    await gateway.end('SIGTERM');
    gateway = await startGatewayWith({ HOME: home }, dataDir, ...FLAGS, ...allowed);
    await untilState(gateway.url, 'svc', /^Ready/);
    const { ran } = await lastSpawn();
    expect(ran).toMatchObject({ by: 'node', package: 'tiny-told@1.0.0' });
    for (const written of [
      { ...config, command: 'node', args: [String(ran?.script)] },
      { ...config, args: ['-y', '--', 'tiny-told'] },
      { ...config, env: { npm_config_cache: home } },
    ]) {
      const refused = await checkStatus(gateway.url, 'other', written, 'Persistent');
      expect(refused.body).toMatchObject({
        code: '0012',
        message: expect.stringContaining('allowedCommands'),
      });
    }
  });

  async function restarted(...flags: string[]): Promise<RunningGateway> {
    await gateway.end('SIGTERM');
    return startGateway(dataDir, ...FLAGS, ...flags);
  }
});
