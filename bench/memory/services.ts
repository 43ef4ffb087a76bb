/** Services at rest: what each of so many costs, and whether the way to one of them is as short as to the only one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fillLog } from '../../test/support/filled-log.ts';
import { drive } from '../load/drive.ts';
import { openStreamable } from '../load/streamable.ts';
import { rssMib } from '../machine/processes.ts';
import type { Options } from '../options.ts';
import type { Figures } from '../report/figures.ts';
import { AUTHORIZATION, type RunningGateway, startEvergate } from '../targets/evergate.ts';

const SERVICES = 100_000;
/** Pages of the log that boot has read, and garbage, are gone by then. */
const SETTLE_MS = 5_000;
const IN_FLIGHT = 64;
const FLAGS = ['--max-services', String(2 * SERVICES)];

export async function measureServices(figures: Figures, options: Options, say: (line: string) => void) {
  const services = Math.round(SERVICES / options.scale);
  const work = mkdtempSync(join(tmpdir(), 'evergate-bench-services-'));
  try {
    say(`registering ${services} services`);
    const dataDir = join(work, 'data');
    await fillLog(dataDir, { services, records: services });
    const many = await startEvergate({ dataDir, flags: FLAGS });
    const one = await startEvergate({ flags: FLAGS });
    await wait(SETTLE_MS);
    const [full, empty] = [rssMib(many.pid), rssMib(one.pid)];
    figures.add('services', 'Evergate', { kibEach: ((full - empty) * 1024) / services, count: services });
    say(`services: ${full.toFixed(1)} MiB with ${services}, ${empty.toFixed(1)} MiB with one`);
    for (let round = 0; round < options.rounds; round++) {
      await measureRoute(figures, 'one of many', many, options);
      await measureRoute(figures, 'the only one', one, options);
    }
    await Promise.all([many.stop(), one.stop()]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function measureRoute(figures: Figures, name: string, gateway: RunningGateway, options: Options) {
  const { warmUpMs, measureMs } = options;
  const client = await openStreamable({
    url: gateway.streamable(),
    headers: AUTHORIZATION,
    inFlight: IN_FLIGHT,
    sessions: 1,
    call: { tool: 'echo', sent: 16, received: 16 },
    rename: tool => tool,
  });
  try {
    const load = { workers: IN_FLIGHT, warmUpMs, measureMs, pid: gateway.pid };
    const { callsPerSecond, gatewayUs } = await drive(client, load);
    figures.add('route', name, { callsPerSecond, gatewayUs });
  } finally {
    await client.close();
  }
}
