/** A fleet after `kill -9`: when the status of all is told, how many start at once, when all are up again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetNames, fleetServer, startsIn } from '../../test/support/fleet.ts';
import { checkStatus, statusOf } from '../../test/support/http-client.ts';
import { count, type Figure, ms, say } from './figures.ts';
import { startBenchGateway } from './gateway.ts';

const SERVICES = 100;
const START_MS = 300;
const PERMITS = 8;
const MOST_STATUS_MS = 1000;
/** What starts take besides their own time: a process of Node is not up at once, above all beside seven others. */
const MOST_RATIO = 1.5;
const POLL_MS = 50;

export async function benchFleet(directory: string): Promise<Figure[]> {
  const [dataDir, journal] = [join(directory, 'fleet'), join(directory, 'fleet-journal')];
  const flags = ['--max-concurrent-starts', String(PERMITS)];
  const names = fleetNames(SERVICES);
  say(`a fleet of ${count(SERVICES)} services is started …`);
  writeFileSync(journal, '');
  const first = await startBenchGateway(dataDir, ...flags);
  const server = fleetServer(journal, '--after-ms', String(START_MS));
  await Promise.all(names.map(name => checkStatus(first.url, name, server, 'Persistent')));
  await allReady(first.url, names);
  await first.end('SIGKILL');
  say('… killed, and comes back …');
  writeFileSync(journal, '');
  const { url, bootMs, end } = await startBenchGateway(dataDir, ...flags);
  try {
    const listening = performance.now();
    await Promise.all(names.map(name => statusOf(url, name)));
    const statusMs = performance.now() - listening;
    await allReady(url, names);
    const readyMs = performance.now() - listening;
    return figures({ bootMs, statusMs, readyMs, most: startsIn(journal).most });
  } finally {
    await end('SIGTERM');
  }
}

function figures(seen: { bootMs: number; statusMs: number; readyMs: number; most: number }): Figure[] {
  const what = `${count(SERVICES)} Persistent services, ${START_MS} ms a start, ${PERMITS} permits, after kill -9`;
  const leastMs = (SERVICES / PERMITS) * START_MS;
  const ratio = seen.readyMs / leastMs;
  return [
    {
      what: `${what}: status of all told after the port opened`,
      measured: `${ms(seen.statusMs)}; the port opened after ${ms(seen.bootMs)}`,
      goal: `≤ ${MOST_STATUS_MS} ms`,
      isMet: seen.statusMs <= MOST_STATUS_MS,
    },
    {
      what: `${what}: starts at once, by the backends themselves`,
      measured: `${seen.most}`,
      goal: `≤ ${PERMITS}`,
      isMet: seen.most <= PERMITS,
    },
    {
      what: `${what}: all Ready after the port opened`,
      measured: `${ms(seen.readyMs)}; ${ms(leastMs)} are their starts' own; ratio ${ratio.toFixed(2)}`,
      goal: `ratio ≤ ${MOST_RATIO}`,
      isMet: ratio <= MOST_RATIO,
    },
  ];
}

async function allReady(url: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    while (!(await statusOf(url, name)).ready) await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
