/** Fills a data directory with the histories of services at rest, made by the real statechart. */
import type { Policy, ServiceCommand, ServiceEvent } from '../../src/actors/machine/model.ts';
import {
  initialState,
  nextState,
  type Registration,
  type ServiceSnapshot,
  toDurable,
} from '../../src/actors/replay.ts';
import { owedOf } from '../../src/actors/status.ts';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';
import { configFingerprint, configToJson } from '../../src/backends/config/stored-config.ts';
import { SETTINGS } from '../../src/settings/table.ts';
import { type JsonObject, type LogRecord, RECORD_VERSION } from '../../src/store/event-log.ts';
import { LogImport } from '../../src/store/log-import.ts';
import { tinyServer } from './http-client.ts';

type Step = (generation: number, pid: number) => ServiceCommand;

/** One start of a OneShot that goes well and ends by idling; with the registration, ten records. */
const CYCLE: readonly Step[] = [
  () => ({ type: 'start requested', by: 'check_status' }),
  generation => ({ type: 'start permitted', generation }),
  (generation, pid) => ({ type: 'spawned', generation, process: { pid, pgid: pid, startTicks: pid } }),
  generation => ({ type: 'start succeeded', generation, server: 'tiny 1.0.0' }),
  generation => ({ type: 'probe failed', generation, reason: 'no answer in 5000 ms', decisive: false }),
  generation => ({ type: 'probe answered', generation }),
  generation => ({ type: 'probe failed', generation, reason: 'no answer in 5000 ms', decisive: false }),
  generation => ({ type: 'idled out', generation, idleMs: 300_000 }),
  generation => ({ type: 'teardown finished', generation }),
];

export interface FillOptions {
  readonly services: number;
  /** About so many; every service has at least its registration and whole cycles. */
  readonly records: number;
  /** How many of the newest of them are in the log, as if the others had been pruned; all of them by default. */
  readonly kept?: number;
  /** Environment of every service's config. */
  readonly env?: Readonly<Record<string, string>>;
}

/** That of a gateway with default settings, so that services wake without a change. */
const POLICY: Policy = {
  cooldownMs: SETTINGS.restartCooldownMs.fallback,
  cooldownMaxMs: SETTINGS.restartCooldownMaxMs.fallback,
  jitter: SETTINGS.restartJitter.fallback,
  stableAfterMs: SETTINGS.stableAfterMs.fallback,
  maxStartFailures: SETTINGS.maxStartFailures.fallback,
  probeFailures: SETTINGS.probeFailures.fallback,
};

/** Services whose records are interleaved. */
const GROUP = 1000;

export const serviceName = (index: number) => `service-${String(index).padStart(6, '0')}`;

/** @returns how many records there are, those that were not kept included */
export async function fillLog(dataDir: string, options: FillOptions): Promise<number> {
  const target = new LogImport(dataDir);
  const config = parseServiceConfig({ ...tinyServer(), env: options.env ?? {} });
  const cycles = Math.max(0, Math.round((options.records / options.services - 1) / CYCLE.length));
  const life = lifeOf(configFingerprint(config), cycles);
  const firstKept = life.length * options.services - (options.kept ?? Number.POSITIVE_INFINITY) + 1;
  const heads: LogRecord[] = [];
  let seq = 0;
  for (let first = 0; first < options.services; first += GROUP) {
    const ids = Array.from({ length: Math.min(GROUP, options.services - first) }, (_, i) =>
      serviceName(first + i),
    );
    const last = new Map<string, LogRecord>();
    for (const { event, to, at } of life) {
      for (const id of ids) {
        const before = last.get(id);
        seq++;
        const record = {
          v: RECORD_VERSION,
          seq,
          id,
          n: (before?.n ?? 0) + 1,
          prev: before?.seq ?? 0,
          at,
          event,
          to,
        };
        last.set(id, record);
        if (seq >= firstKept) target.record(record);
      }
    }
    heads.push(...last.values());
  }
  const documents = { config: configToJson(config) };
  for (const head of heads) target.service({ head, owed: null, documents });
  await target.finish();
  return seq;
}

export type Moment = Pick<LogRecord, 'event' | 'to' | 'at'>;

/** What happens to one service, from its registration on. */
function lifeOf(config: string, cycles: number): Moment[] {
  let at = Date.now() - 3_600_000;
  const policy = POLICY;
  let state = initialState({ type: 'OneShot', config, policy, at });
  const registration = {
    type: 'registered',
    serviceType: 'OneShot',
    config,
    policy,
    at,
  } satisfies Registration;
  const moments: Moment[] = [{ at, event: registration as unknown as Moment['event'], to: toDurable(state) }];
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const step of CYCLE) {
      at += 10;
      const event = { ...step(state.context.generation, 1000 + cycle), at } as ServiceEvent;
      state = nextState(state, event);
      moments.push({ at, event: event as unknown as JsonObject & { type: string }, to: toDurable(state) });
    }
  }
  requireAtRest(state);
  return moments;
}

function requireAtRest(state: ServiceSnapshot): void {
  if (owedOf(state) !== null) throw new Error('the history does not end at rest');
}
