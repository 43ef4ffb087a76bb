import { open } from 'lmdb';
import { expect, it } from 'vitest';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { gatewayHome } from '../../support/gateway-home.ts';
import { callTool, checkStatus, knock, tinyServer, untilState } from '../../support/http-client.ts';

const home = gatewayHome();
const { dataDir } = home;

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
  const gateway = await home.start(...FLAGS);
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
