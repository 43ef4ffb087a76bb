/**
 * Interleaved rounds: all gateways run at once and idle but for the one that is measured; every round measures each of them
 * in each case, beginning with another one, so that whatever the machine does meanwhile counts for all.
 */
import { messageOf } from '../../src/message-of.ts';
import type { Client } from '../load/client.ts';
import { drive, type Sample } from '../load/drive.ts';
import { openHttpSse } from '../load/http-sse.ts';
import { openStdio } from '../load/stdio.ts';
import { openStreamable } from '../load/streamable.ts';
import { BACKEND, type RunningTarget, type Target } from '../targets/target.ts';
import type { Case } from './cases.ts';

export interface Measured {
  readonly case: string;
  readonly target: string;
  readonly sample: Sample;
}

export interface MeasureOptions {
  readonly cases: readonly Case[];
  readonly targets: readonly Target[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly say: (line: string) => void;
}

/** Cores that others may take before a sample counts as disturbed and is taken once more. */
const DISTURBED = 0.3;
/** Warm-ups that a gateway gets before its first round. */
const SETTLE_ROUNDS = 3;

export async function measureCalls(options: MeasureOptions): Promise<readonly Measured[]> {
  const running = new Map<string, RunningTarget>();
  try {
    for (const target of options.targets) {
      const started = await startTarget(target, options).catch((error: unknown) =>
        without(target, error, options),
      );
      if (started !== null) running.set(target.name, started);
    }
    const measured: Measured[] = [];
    for (let round = 0; round < options.rounds; round++) {
      for (const each of options.cases) {
        const names = each.targets.filter(name => running.has(name));
        for (let n = 0; n < names.length; n++) {
          const name = names[(n + round) % names.length] ?? '';
          const target = running.get(name);
          if (target === undefined) continue;
          options.say(`round ${round + 1} of ${options.rounds}: ${each.name}, ${name}`);
          const sample = await calmSample(target, each, options);
          options.say(`  ${summary(sample)}`);
          measured.push({ case: each.name, target: name, sample });
        }
      }
    }
    return measured;
  } finally {
    for (const target of running.values()) await target.stop();
  }
}

/** A peer that does not start has no figures; ours and the references have to be there. */
function without({ name, kind }: Target, error: unknown, { say }: MeasureOptions): null {
  if (kind !== 'peer') throw error;
  say(`${name} is left out: ${messageOf(error)}`);
  return null;
}

/** Starts it and lets its compiler settle under the load of its first case. */
async function startTarget(target: Target, options: MeasureOptions): Promise<RunningTarget> {
  options.say(`starting ${target.name}`);
  const running = await target.start();
  const first = options.cases.find(({ targets }) => targets.includes(target.name));
  try {
    if (first !== undefined)
      await sampleOf(running, first, { ...options, measureMs: SETTLE_ROUNDS * options.warmUpMs });
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** The calmer of two samples, if the first was disturbed. */
async function calmSample(target: RunningTarget, each: Case, options: MeasureOptions): Promise<Sample> {
  const first = await sampleOf(target, each, options);
  if (first.disturbance < DISTURBED) return first;
  const second = await sampleOf(target, each, options);
  return second.disturbance < first.disturbance ? second : first;
}

async function sampleOf(target: RunningTarget, each: Case, options: MeasureOptions): Promise<Sample> {
  const client = await openClient(target, each);
  try {
    const { warmUpMs, measureMs } = options;
    return await drive(client, { workers: each.inFlight, warmUpMs, measureMs, pid: target.pid });
  } finally {
    await client.close();
  }
}

function openClient(target: RunningTarget, { front, call, inFlight, sessions }: Case): Promise<Client> {
  const { headers, rename } = target;
  const url = target[front];
  const options = { headers, rename, call, inFlight, sessions };
  if (target.pid === null) return openStdio(BACKEND, { ...options, url: '' });
  if (url === undefined) throw new Error(`it has no front for ${front}`);
  return front === 'streamable' ? openStreamable({ ...options, url }) : openHttpSse({ ...options, url });
}

function summary({
  callsPerSecond,
  p50Us,
  p99Us,
  gatewayUs,
  disturbance,
  errors,
  firstError,
}: Sample): string {
  const faults = errors === 0 ? '' : `, ${errors} errors: ${firstError}`;
  const times = `p50 ${Math.round(p50Us)} µs, p99 ${Math.round(p99Us)} µs`;
  const use = `${gatewayUs.toFixed(1)} µs of CPU per call`;
  return `${Math.round(callsPerSecond)} calls/s, ${times}, ${use}, ${disturbance.toFixed(2)} cores taken${faults}`;
}
