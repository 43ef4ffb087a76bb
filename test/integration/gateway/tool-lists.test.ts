import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import { ServiceStore } from '../../../src/actors/service-store.ts';
import { LmdbLog, openDataDirForReading } from '../../../src/store/lmdb-log.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, checkStatus, untilState } from '../../support/http-client.ts';
import { SseReader, StreamableClient } from '../../support/mcp-client.ts';

const SERVER = new URL('../../fixtures/changing-server.mjs', import.meta.url).pathname;

describe('the tools of a service', () => {
  let dataDir: string;
  let gateway: RunningGateway;
  let file: string;
  let log: LmdbLog;

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    file = join(dataDir, 'tools.json');
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '50');
    log = new LmdbLog(openDataDirForReading({ dataDir }));
  });
  afterEach(async () => {
    await log.close();
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  const offer = (...tools: string[]) => writeFileSync(file, JSON.stringify(tools));
  const head = () => log.head('svc')?.record.to.context;

  /** Until the log says that a list of so many tools was read by that start; the test's own timeout is the bound. */
  async function untilListed(generation: number, count: number): Promise<void> {
    const listed = () => head()?.tools as { generation: number; count: number } | null | undefined;
    while (listed()?.generation !== generation || listed()?.count !== count)
      await new Promise(resolve => setImmediate(resolve));
  }

  async function start(): Promise<void> {
    await checkStatus(gateway.url, 'svc', { command: process.execPath, args: [SERVER, file] }, 'Persistent');
    await untilState(gateway.url, 'svc', /^Ready/);
  }

  async function killBackend(): Promise<void> {
    process.kill(Number(await callTool(gateway.url, 'svc', 'echo', {})), 'SIGKILL');
  }

  it('are on record after each start; one that comes back with fewer says which, in the log and to the sessions', async () => {
    offer('announce', 'echo', 'add');
    await start();
    await untilListed(1, 3);
    const client = await new StreamableClient(gateway.url, 'svc').open();
    const reader = new SseReader(await client.get());
    offer('echo');
    await killBackend();
    await untilListed(2, 1);
    expect(head()?.lostTools).toEqual(['announce', 'add']);
    expect(await reader.message()).toMatchObject({ method: 'notifications/tools/list_changed' });
    await expect
      .poll(() => gateway.log())
      .toMatch(/"level":"warn".*"id":"svc",.*"lost":\["announce","add"\],"tools":1/);
    expect(verify(log.read('svc'))).toBeNull();
  });

  it('are read again when the backend says that they have changed, which its clients hear once', async () => {
    offer('announce', 'echo');
    await start();
    await untilListed(1, 2);
    const client = await new StreamableClient(gateway.url, 'svc').open();
    const reader = new SseReader(await client.get());
    offer('announce', 'echo', 'add');
    await callTool(gateway.url, 'svc', 'announce', {});
    await untilListed(1, 3);
    await callTool(gateway.url, 'svc', 'announce', {});
    expect(head()?.lostTools).toEqual([]);
    await client.delete();
    const heard: string[] = [];
    for (let event = await reader.next(); event !== undefined; event = await reader.next())
      heard.push(event.data);
    const announcement = expect.stringContaining('"notifications/tools/list_changed"');
    expect(heard).toEqual([announcement, announcement]);
  });

  it('are known while the service is down, and after kill -9 of the gateway', async () => {
    offer('echo', 'add');
    await start();
    await untilListed(1, 2);
    await gateway.end('SIGKILL');
    const tools = new ServiceStore(log).tools('svc')?.tools;
    expect(tools).toEqual([
      { name: 'echo', title: null, description: 'Does echo' },
      { name: 'add', title: null, description: 'Does add' },
    ]);
    offer('add');
    gateway = await startGateway(dataDir);
    await untilListed(2, 1);
    expect(head()?.lostTools).toEqual(['echo']);
  });

  it('are not asked for where the backend has none', async () => {
    writeFileSync(file, 'null');
    await start();
    await killBackend();
    await untilState(gateway.url, 'svc', /^Ready/);
    expect(head()?.tools).toBeNull();
  });
});
