import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fleetNames, fleetServer, startsIn } from '../../support/fleet.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, statusOf, untilState } from '../../support/http-client.ts';

const NAMES = fleetNames(12);
const PERMITS = 3;
const FLAGS = ['--max-concurrent-starts', String(PERMITS)];

describe('the recovery of a fleet', () => {
  const directory = temporaryDirectory();
  let gateway: RunningGateway | undefined;

  afterEach(async () => {
    await gateway?.end('SIGTERM');
    removeDirectory(directory);
  });

  it('given kill -9 of a gateway, then the next tells the status of all of them while none is up, and starts so many at once as may (invariants 4 and 10)', async () => {
    const inside = (name: string) => join(directory, name);
    const [dataDir, journal, go] = [inside('data'), inside('journal'), inside('go')];
    writeFileSync(journal, '');
    gateway = await startGateway(dataDir, ...FLAGS);
    const { url } = gateway;
    await Promise.all(NAMES.map(name => checkStatus(url, name, fleetServer(journal), 'Persistent')));
    await Promise.all(NAMES.map(name => untilState(url, name, /^Ready/)));
    // The config of their next start: they are not up again before the test says so.
    const waiting = fleetServer(journal, '--once', go);
    await Promise.all(NAMES.map(name => checkStatus(url, name, waiting, 'Persistent')));
    expect(startsIn(journal)).toMatchObject({ begun: NAMES.length, over: NAMES.length });
    expect(startsIn(journal).most).toBeLessThanOrEqual(PERMITS);
    await gateway.end('SIGKILL');

    writeFileSync(journal, '');
    gateway = await startGateway(dataDir, ...FLAGS);
    const after = gateway.url;
    const told = await Promise.all(NAMES.map(name => statusOf(after, name)));
    expect(told.map(({ status, type }) => [status, type])).toEqual(
      NAMES.map(() => ['Pending', 'Persistent']),
    );
    while (startsIn(journal).begun < PERMITS) await statusOf(after, 'service 0');
    expect(startsIn(journal)).toEqual({ begun: PERMITS, over: 0, most: PERMITS });

    writeFileSync(go, '');
    await Promise.all(NAMES.map(name => untilState(after, name, /^Ready/)));
    expect(startsIn(journal)).toEqual({ begun: NAMES.length, over: NAMES.length, most: PERMITS });
  });
});
