import { open } from 'lmdb';
import { afterEach, expect, it } from 'vitest';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, checkStatus, knock, tinyServer, untilState } from '../../support/http-client.ts';

const dataDir = temporaryDirectory();
let gateway: RunningGateway | undefined;

afterEach(async () => {
  await gateway?.end('SIGTERM');
  removeDirectory(dataDir);
});

const FLAGS = [
  '--restart-cooldown-ms',
  '50',
  '--health-ttl-ms',
  '1',
  '--probe-timeout-ms',
  '200',
  '--stop-grace-ms',
  '2000',
];

it('given a backend that does not answer any more and a config that is lost, then a request gets 0004, and one that brings a config is served', async () => {
  gateway = await startGateway(dataDir, ...FLAGS);
  const { url } = gateway;
  await checkStatus(url, 'svc', tinyServer(), 'Persistent');
  await untilState(url, 'svc', /^Ready/);
  const { pid } = JSON.parse(await callTool(url, 'svc', 'who', {})) as { pid: number };
  const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
  root.openDB({ name: 'documents', encoding: 'json' }).removeSync(['svc', 'config']);
  await root.close();
  process.kill(pid, 'SIGSTOP'); // takes no notice of TERM, so that its teardown takes its time

  const refused = await knock(url, 'svc');
  expect([refused.status, refused.body.code, refused.body.message]).toEqual([
    503,
    '0004',
    expect.stringContaining('no stored config to restart it from: send one with x-mcp-json'),
  ]);
  await checkStatus(url, 'svc', tinyServer(), 'Persistent');
  await untilState(url, 'svc', /^Ready/);
  expect((await knock(url, 'svc')).status).toBe(200);
});
