import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { LogRecord } from '../../../src/store/event-log.ts';
import { LogImport, type ServiceEntry } from '../../../src/store/log-import.ts';
import { gatewayHome } from '../../support/gateway-home.ts';
import { callTool, checkStatus, knock, statusOf, tinyServer, untilState } from '../../support/http-client.ts';
import { runLog } from '../../support/log-command.ts';

const home = gatewayHome();
const { dataDir } = home;

/**
 * The log of a gateway that wrote version 1 and was killed with services in every state, as it exported it: stored as it is,
 * not brought to the present version. Its times are old and its processes have pids that no system gives.
 */
async function writeDataDir(version: number): Promise<void> {
  const path = new URL(`../../fixtures/records/data-dir-v${version}.jsonl`, import.meta.url);
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);
  const target = new LogImport(dataDir);
  for (const line of lines) {
    if ('seq' in line) target.record(line as unknown as LogRecord);
    else if ('service' in line) target.service(line as unknown as ServiceEntry);
  }
  await target.finish();
}

it('given the data directory of a gateway that wrote version 1, then every service goes on from where it was (invariants 4, 5, 6)', async () => {
  await writeDataDir(1);
  const { code, out } = await runLog('verify', '--data-dir', dataDir);
  expect([code, out]).toEqual([0, expect.stringMatching(/^sound: .* 40 records, 6 services/)]);

  let gateway = await home.start('--restart-cooldown-ms', '600000', '--restart-cooldown-max-ms', '900000');
  const { url } = gateway;
  for (const id of ['persistent', 'lanes']) {
    await untilState(url, id, /^Ready/);
    expect(await callTool(url, id, 'echo', { message: 'still here' })).toBe('still here');
  }
  expect(await statusOf(url, 'oneshot')).toMatchObject({
    state: 'Ended.Completed',
    lastError: 'gateway restarted',
  });
  expect(await statusOf(url, 'stopped-oneshot')).toMatchObject({
    state: 'Ended.Completed',
    lastError: 'the backend exited with code 1',
  });
  expect((await knock(url, 'failed')).body).toMatchObject({
    code: '0005',
    message: expect.stringContaining('no-such-command-of-this-test'),
  });
  // What was owed to it is long due: it has tried again, failed again, and cools down for twice as long.
  const cooling = await untilState(url, 'cooling', /CoolingDown/);
  expect(cooling.retryAfterMs).toBeGreaterThan(600_000);
  await checkStatus(url, 'stopped-oneshot', tinyServer(), 'OneShot');
  await untilState(url, 'stopped-oneshot', /^Ready/);

  await gateway.end('SIGKILL');
  gateway = await home.start();
  await untilState(gateway.url, 'persistent', /^Ready/);
  expect((await runLog('verify', '--data-dir', dataDir)).out).toMatch(/^sound/);
});
