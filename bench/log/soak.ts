/** Memory, file size and what is left over, over a million transitions of 100,000 services, the log pruned all the while. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fillLog } from '../../test/support/filled-log.ts';
import { count, type Figure, mb, median, say } from './figures.ts';

/** What the soak has in memory and in the file at one moment. */
export interface SoakReport {
  /** Transitions on record since each service lived once. */
  readonly transitions: number;
  /** See process-memory.ts. */
  readonly ownMb: number;
  /** Of JavaScript, after a collection. */
  readonly heapMb: number;
  readonly fileMb: number;
  /** In the log. */
  readonly records: number;
  readonly actors: number;
  readonly permits: number;
  readonly timers: number;
}

/** Growth from the second quarter of the run to the last that still counts as flat. */
const FLAT = 1.1;

export async function benchSoak(dataDir: string, services: number, transitions: number): Promise<Figure[]> {
  say(`filling a log of ${count(services)} services for the soak, which each live once before it …`);
  await fillLog(dataDir, { services, records: 10 * services, kept: services });
  const reports = await soak(dataDir, services, transitions);
  const what = `soak, ${count(services)} services, ${count(transitions)} transitions`;
  const flat = (name: string, figure: keyof SoakReport) => flatFigure(`${what}: ${name}`, figure, reports);
  return [
    flat('memory (RssAnon)', 'ownMb'),
    flat('JavaScript heap', 'heapMb'),
    flat('file size', 'fileMb'),
    leftOver(what, reports),
  ];
}

/** The middle of the second quarter, when everything has its size, next to that of the last. */
function flatFigure(what: string, figure: keyof SoakReport, reports: readonly SoakReport[]): Figure {
  const last = reports.at(-1)?.transitions ?? 0;
  const middle = (from: number, to: number) => {
    const within = reports.filter(({ transitions: at }) => at > from * last && at <= to * last);
    return median(within.map(report => report[figure]));
  };
  const [early, late] = [middle(0.25, 0.5), middle(0.75, 1)];
  const growth = late / early;
  return {
    what,
    measured: `${mb(early)} in the second quarter, ${mb(late)} in the last; ratio ${growth.toFixed(2)}`,
    goal: `ratio ≤ ${FLAT}`,
    isMet: growth <= FLAT,
  };
}

function leftOver(what: string, reports: readonly SoakReport[]): Figure {
  const last = reports.at(-1);
  if (last === undefined) throw new Error('the soak reported nothing');
  const { actors, permits, timers } = last;
  return {
    what: `${what}: left over at the end`,
    measured: `${actors} actors, ${permits} start permits, ${timers} timers`,
    goal: 'none',
    isMet: actors + permits + timers === 0,
  };
}

async function soak(dataDir: string, maxRecords: number, transitions: number): Promise<SoakReport[]> {
  const script = new URL('soak-child.ts', import.meta.url).pathname;
  const argv = ['--expose-gc', '--import', 'tsx', script, dataDir, String(transitions), String(maxRecords)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const reports: SoakReport[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const report = JSON.parse(line) as SoakReport;
    reports.push(report);
    const { ownMb, heapMb, fileMb, records, actors } = report;
    const has = `${mb(ownMb)} of memory, ${mb(heapMb)} of heap, ${mb(fileMb)} of file`;
    say(
      `soak: ${count(report.transitions)} transitions, ${has}, ${count(records)} records, ${actors} actors`,
    );
  }
  const [code] = await gone;
  if (code !== 0) throw new Error(`the soak ended with ${code}`);
  return reports;
}
