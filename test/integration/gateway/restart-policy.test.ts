import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import { LmdbLog, openDataDirForReading } from '../../../src/store/lmdb-log.ts';
import { gatewayHome } from '../../support/gateway-home.ts';
import { checkStatus, tinyServer, untilState } from '../../support/http-client.ts';

const home = gatewayHome();
const { dataDir } = home;

const FLAGS = [
  ...['--restart-cooldown-ms', '100', '--restart-cooldown-max-ms', '350', '--restart-jitter', '1'],
  ...['--stable-after-ms', '200'],
];

it('given a server whose first starts fail, then each cooldown doubles within its jitter, no restart is early, and the failures are forgotten (invariants 5, 6)', async () => {
  const gateway = await home.start(...FLAGS);
  const flaky = tinyServer('--fail-start', '4', '--state', join(dataDir, 'starts'));
  await checkStatus(gateway.url, 'flaky', flaky, 'Persistent');
  await untilState(gateway.url, 'flaky', /^Ready/);
  const log = new LmdbLog(openDataDirForReading({ dataDir }));
  while (log.head('flaky')?.record.to.context.failures !== 0) await new Promise(setImmediate);

  const history = log.read('flaky');
  await log.close();
  expect(verify(history)).toBeNull();
  const failed = history.filter(({ event }) => event.type === 'start failed');
  const waits = failed.map(({ at, to }) => Number(to.context.dueAt) - at);
  const chances = failed.map(({ event }) => Number(event.chance));
  expect(waits).toEqual([100, 175, 175, 175].map((ms, n) => Math.round(ms * (1 + (chances[n] ?? 0)))));
  expect(new Set(chances).size).toBe(4);
  for (const [n, { at, event }] of history.entries()) {
    const dueAt = history[n - 1]?.to.context.dueAt;
    if (event.type.startsWith('xstate.after.cooldown')) expect(at).toBeGreaterThanOrEqual(Number(dueAt));
  }
});
