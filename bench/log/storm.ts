/** A thousand services that are started in one turn of the event loop: how long the log holds the loop up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { count, type Figure, ms, say } from './figures.ts';

/** What one storm came to. */
export interface StormReport {
  /** Longest turn of the event loop. */
  readonly longestTurnMs: number;
  /** Until every start was answered: it is on record then. */
  readonly answeredMs: number;
  /** The same storm over a log in memory: what is not the log's. */
  readonly withoutDisk: { readonly longestTurnMs: number; readonly answeredMs: number };
  /** What one transaction costs here that stores one record, in ms: mostly its sync. */
  readonly syncMs: number;
}

const SERVICES = 1000;
const MOST_MS = 50;

export async function benchStorm(dataDir: string): Promise<Figure[]> {
  say(`${count(SERVICES)} services are started at once …`);
  const { longestTurnMs, answeredMs, withoutDisk, syncMs } = await storm(dataDir);
  const what = `${count(SERVICES)} services started in one turn of the event loop`;
  return [
    {
      what: `${what}: its longest turn`,
      measured: `${ms(longestTurnMs)}; over a log in memory ${ms(withoutDisk.longestTurnMs)}; one record alone ${ms(syncMs)}`,
      goal: `≤ ${MOST_MS} ms caused by the log`,
      isMet: longestTurnMs - withoutDisk.longestTurnMs <= MOST_MS,
    },
    {
      what: `${what}: all on record and answered`,
      measured: `${ms(answeredMs)}; over a log in memory ${ms(withoutDisk.answeredMs)}`,
      goal: 'sooner than one by one',
      isMet: answeredMs < SERVICES * syncMs,
    },
  ];
}

async function storm(dataDir: string): Promise<StormReport> {
  const script = new URL('storm-child.ts', import.meta.url).pathname;
  const argv = ['--import', 'tsx', script, dataDir, String(SERVICES)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const said = await text(child.stdout);
  const [code] = await gone;
  if (code !== 0) throw new Error(`the storm ended with ${code}`);
  return JSON.parse(said) as StormReport;
}
