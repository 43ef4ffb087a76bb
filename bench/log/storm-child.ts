/**
 * A gateway's log and actors, without HTTP and processes, that are asked for argv[3] services in one turn of the event loop,
 * over the log of argv[2] and before that over one in memory. Prints what it came to, as JSON.
 */
import { Registry } from '../../src/actors/registry.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import { systemClock } from '../../src/backends/clock.ts';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';
import { type Draft, type EventLog, NO_TOKEN, type Token } from '../../src/store/event-log.ts';
import { InProcessOwnership } from '../../src/store/in-process-ownership.ts';
import { openLmdbLog } from '../../src/store/lmdb-log.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { settings } from '../../test/support/actors-fixtures.ts';
import { tinyServer } from '../../test/support/http-client.ts';
import { median } from './figures.ts';
import type { StormReport } from './storm.ts';

const [, , dataDir = '', services = '0'] = process.argv;
const COMMITS = 50;

const config = parseServiceConfig({ ...tinyServer(), env: {} });
await storm(new MemoryLog()); // warms up
const withoutDisk = await storm(new MemoryLog());
const log = openLmdbLog({ dataDir });
const syncMs = oneRecordMs(log);
const report: StormReport = { ...(await storm(log)), withoutDisk, syncMs };
process.stdout.write(JSON.stringify(report));
await log.close();

/** Nothing starts: the gate has one permit, whose start never ends. */
async function storm(log: EventLog) {
  const registry = new Registry({
    log,
    clock: systemClock,
    gate: new StartGate(1),
    chance: Math.random,
    ownership: new InProcessOwnership(),
    owner: 'storm',
    settings,
    newId: () => 'none',
    launcher: { launch: () => new Promise(() => {}) },
  });
  const stopWatching = watchTurns();
  const begun = performance.now();
  const order = { config, type: 'Persistent' } as const;
  const ids = Array.from({ length: Number(services) }, (_, n) => `storm ${n}`);
  await Promise.all(ids.map(async id => registry.ensure(id, order)));
  const answeredMs = performance.now() - begun;
  return { longestTurnMs: stopWatching(), answeredMs };
}

/** Median of some. */
function oneRecordMs(log: EventLog): number {
  const draft: Draft = { at: 0, event: { type: 'x' }, to: { value: 'X', context: {} }, owed: null };
  const times: number[] = [];
  let token: Token = NO_TOKEN;
  for (let n = 0; n < COMMITS; n++) {
    const begun = performance.now();
    token = log.append('alone', token, [draft]);
    times.push(performance.now() - begun);
  }
  log.append('alone', token, [{ ...draft, removed: true }]);
  return median(times);
}

/** Watches how long turns of the event loop take. @returns ends it and tells the longest, in ms */
function watchTurns(): () => number {
  let longest = 0;
  let since = performance.now();
  let isOver = false;
  const turned = () => {
    const now = performance.now();
    longest = Math.max(longest, now - since);
    since = now;
    if (!isOver) setImmediate(turned);
  };
  setImmediate(turned);
  return () => {
    isOver = true;
    turned();
    return longest;
  };
}
