/** The closed loop: each worker sends its next call when the last one is answered. */
import { setTimeout as wait } from 'node:timers/promises';
import { cpuUs, descendants, machineUs, rssMib } from '../machine/processes.ts';
import { percentile } from '../machine/statistics.ts';
import type { Client } from './client.ts';

export interface DriveOptions {
  readonly workers: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The gateway whose use is measured; null: there is none. */
  readonly pid: number | null;
}

export interface Sample {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU time of the gateway itself, per call. */
  readonly gatewayUs: number;
  /** Resident memory of the gateway itself, at the end. */
  readonly rssMib: number;
  /** Cores that others took meanwhile. */
  readonly disturbance: number;
  readonly errors: number;
  readonly firstError: string | null;
}

/** The first id of a call; ids are never used twice by one client. */
const FIRST_ID = 10;
/** After an error a worker waits, in ms: a gateway that refuses everything is not to be measured by how fast it does so. */
const PAUSE_MS = 5;
/** How long the answers to the last calls may take, in ms. */
const LAST_ANSWERS_MS = 30_000;

export async function drive(client: Client, options: DriveOptions): Promise<Sample> {
  const { workers, warmUpMs, measureMs, pid } = options;
  const times: number[] = [];
  let nextId = FIRST_ID;
  let phase: 'warm-up' | 'measure' | 'over' = 'warm-up';
  let errors = 0;
  let firstError: string | null = null;
  const work = async (worker: number) => {
    while (phase !== 'over') {
      const began = phase;
      const since = performance.now();
      const fault = await client.call(worker, nextId++).catch(String);
      if (fault !== null) {
        firstError ??= fault;
        errors++;
        await wait(PAUSE_MS);
      } else if (phase === 'measure' && began === phase) times.push((performance.now() - since) * 1000);
    }
  };
  const working = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  await wait(warmUpMs);
  const before = reading(pid);
  phase = 'measure';
  await wait(measureMs);
  const after = reading(pid);
  phase = 'over';
  const isOver = await Promise.race([working.then(() => true), wait(LAST_ANSWERS_MS, false)]);
  if (!isOver) throw new Error(`calls had no answer within ${LAST_ANSWERS_MS} ms`);
  return sampleOf(times, before, after, { errors, firstError, pid });
}

interface Reading {
  readonly atMs: number;
  readonly gatewayUs: number;
  /** This process, and whatever it started. */
  readonly oursUs: number;
  readonly machineUs: number;
}

function reading(pid: number | null): Reading {
  const { user, system } = process.cpuUsage();
  const gatewayUs = pid === null ? 0 : cpuUs(pid);
  // Whatever is measured was started by this process.
  const oursUs = descendants(process.pid).reduce((sum, child) => sum + cpuUs(child), user + system);
  return { atMs: performance.now(), gatewayUs, oursUs, machineUs: machineUs() };
}

function sampleOf(
  times: readonly number[],
  before: Reading,
  after: Reading,
  { errors, firstError, pid }: Pick<Sample, 'errors' | 'firstError'> & Pick<DriveOptions, 'pid'>,
): Sample {
  const elapsedMs = after.atMs - before.atMs;
  const calls = times.length;
  const sorted = Float64Array.from(times).sort();
  const othersUs = after.machineUs - before.machineUs - (after.oursUs - before.oursUs);
  return {
    calls,
    callsPerSecond: (calls * 1000) / elapsedMs,
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    gatewayUs: (after.gatewayUs - before.gatewayUs) / calls,
    rssMib: pid === null ? 0 : rssMib(pid),
    disturbance: Math.max(0, othersUs / (elapsedMs * 1000)),
    errors,
    firstError,
  };
}
