/**
 * A gateway's log and actors, without HTTP and processes, that live the lives of the services in the log of argv[2]: each
 * once, so that its head and its documents have their size, then until argv[3] more transitions are on record; the log is
 * pruned to argv[4] records as a gateway prunes it. Prints what it has in memory and in the file as it goes, as lines of JSON.
 * Run with --expose-gc.
 */
import { statSync } from 'node:fs';
import { LogRetention } from '../../src/actors/log-retention.ts';
import { systemClock } from '../../src/backends/clock.ts';
import { dataFilePath } from '../../src/store/lmdb-file.ts';
import { openLmdbLog } from '../../src/store/lmdb-log.ts';
import { CountingClock } from './counting-clock.ts';
import { memoryOf } from './process-memory.ts';
import type { SoakReport } from './soak.ts';
import { SoakedServices } from './soaked-services.ts';

const [, , dataDir = '', transitions = '0', maxRecords = '0'] = process.argv;
const total = Number(transitions);
const REPORTS = 20;
/** Lives under way at once. */
const AT_ONCE = 64;

const log = openLmdbLog({ dataDir });
const clock = new CountingClock();
const services = new SoakedServices(log, clock);
const retention = new LogRetention({
  log,
  clock: systemClock,
  maxRecords: Number(maxRecords),
  maxAgeMs: 0,
  onFault: error => {
    throw error;
  },
});
retention.start();

const ids = log.ids();
let next = 0;
let reported = 0;
await Promise.all(Array.from({ length: AT_ONCE }, liveOnce));
/** On record before what is measured. */
const before = services.transitions;
report();
await Promise.all(Array.from({ length: AT_ONCE }, liveOnAndOn));
await services.settled();
report();
retention.stop();
await log.close();

async function liveOnce(): Promise<void> {
  while (next < ids.length) await live();
}

async function liveOnAndOn(): Promise<void> {
  while (services.transitions - before < total) {
    await live();
    if (services.transitions - before >= ((reported + 1) * total) / REPORTS) {
      reported++;
      report();
    }
  }
}

async function live(): Promise<void> {
  const n = next++;
  await services.live(ids[n % ids.length] ?? '', n % 2 === 0 ? 'OneShot' : 'Persistent');
  await new Promise(resolve => setImmediate(resolve)); // the event loop turns, as it does between processes
}

function report(): void {
  global.gc?.();
  const [oldest] = log.tail(0, 1);
  const said: SoakReport = {
    transitions: services.transitions - before,
    ownMb: memoryOf('self').ownMb,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    fileMb: statSync(dataFilePath(dataDir)).size / 2 ** 20,
    records: log.lastSeq() - (oldest?.seq ?? 1) + 1,
    actors: services.actors,
    permits: services.permits,
    timers: clock.armed,
  };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
