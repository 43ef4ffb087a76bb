/**
 * Writes `test/fixtures/records/v<n>.jsonl`, once per record version: lives that take every event there is, as the
 * statechart of that version recorded them. A file that is there stays as it is: later versions have to read it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { CHANCY } from '../src/actors/machine/backoff.ts';
import type { Policy, ServiceCommand, ServiceEvent } from '../src/actors/machine/model.ts';
import {
  initialState,
  nextState,
  type Registration,
  type ServiceSnapshot,
  toDurable,
} from '../src/actors/replay.ts';
import type { ServiceType } from '../src/actors/services.ts';
import { type LogRecord, RECORD_VERSION } from '../src/store/event-log.ts';

type Step = ServiceCommand | ((generation: number) => ServiceCommand) | 'timer';

const POLICY: Policy = {
  cooldownMs: 1000,
  cooldownMaxMs: 8000,
  jitter: 0.5,
  stableAfterMs: 5000,
  maxStartFailures: 3,
  probeFailures: 2,
};
const FIRST_AT = 1_769_000_000_000;

const ask: Step = { type: 'start requested', by: 'check_status' };
const permit: Step = generation => ({
  type: 'start permitted',
  generation,
  timeout: { ms: 60_000, by: 'settings' },
});
const spawn: Step = generation => ({
  type: 'spawned',
  generation,
  process: { pid: 41, pgid: 41, startTicks: 7 },
});
const succeed: Step = generation => ({
  type: 'start succeeded',
  generation,
  server: 'tools 1.0.0',
  tookMs: 700,
});
const list =
  (hash: string, count: number, lost: readonly string[] = []): Step =>
  generation => ({ type: 'tools listed', generation, hash, count, lost, announced: false });
const fail: Step = generation => ({ type: 'start failed', generation, reason: 'command not found' });
const silent: Step = generation => ({
  type: 'probe failed',
  generation,
  reason: 'no answer',
  decisive: false,
});
const answer: Step = generation => ({ type: 'probe answered', generation });
const lose: Step = generation => ({
  type: 'backend lost',
  generation,
  reason: 'it exited',
  exitCode: 1,
  signal: null,
});
const idle: Step = generation => ({ type: 'idled out', generation, idleMs: 300_000 });
const addLane: Step = generation => ({
  type: 'lane spawned',
  generation,
  lane: 2,
  process: { pid: 42, pgid: 42, startTicks: 8 },
});
const endLane: Step = generation => ({ type: 'lane ended', generation, lane: 2, reason: 'idle for 300 s' });
const gone: Step = generation => ({ type: 'teardown finished', generation });
const restarted = (warmup: 'gated' | 'lazy'): Step => ({ type: 'gateway restarted', warmup });
const adopt: Step = { type: 'reconfigured', config: 'config-2', serviceType: 'OneShot' };
const learn: Step = { type: 'policy changed', policy: { ...POLICY, probeFailures: 3 } };

/** Up to Ready. */
const up = [ask, permit, spawn, succeed];

const LIVES: readonly { readonly id: string; readonly type: ServiceType; readonly steps: readonly Step[] }[] =
  [
    {
      id: 'steady',
      type: 'Persistent',
      steps: [...up, list('hash-1', 3), silent, answer, addLane, endLane, silent, silent, gone],
    },
    {
      id: 'failing',
      type: 'Persistent',
      steps: [ask, permit, fail, 'timer', permit, spawn, succeed, 'timer', lose, gone],
    },
    { id: 'once', type: 'OneShot', steps: [...up, idle, gone, ask, permit, fail] },
    { id: 'changed', type: 'Persistent', steps: [adopt, learn, ...up, { type: 'restart requested' }, gone] },
    { id: 'stopped', type: 'Persistent', steps: [...up, { type: 'stop requested' }, gone] },
    {
      id: 'recovered',
      type: 'Persistent',
      steps: [
        ...up,
        list('hash-1', 3),
        restarted('gated'),
        permit,
        spawn,
        succeed,
        list('hash-2', 2, ['echo']),
        restarted('gated'),
        permit,
        restarted('lazy'),
        ask,
      ],
    },
    {
      id: 'diverged',
      type: 'OneShot',
      steps: [ask, { type: 'divergence found', reason: 'Record 3 led elsewhere' }, ask],
    },
    { id: 'removed', type: 'OneShot', steps: [...up, { type: 'removal requested' }, gone] },
  ];

const records: LogRecord[] = [];
for (const { id, type, steps } of LIVES) live(id, type, steps);
const directory = new URL('../test/fixtures/records/', import.meta.url);
mkdirSync(directory, { recursive: true });
const text = records.map(record => `${JSON.stringify(record)}\n`).join('');
writeFileSync(new URL(`v${RECORD_VERSION}.jsonl`, directory), text, { flag: 'wx' });

function live(id: string, type: ServiceType, steps: readonly Step[]): void {
  const config = 'config-1';
  let at = FIRST_AT + records.length * 1000;
  let state = initialState({ type, config, policy: POLICY, at });
  const registration = {
    type: 'registered',
    serviceType: type,
    config,
    policy: POLICY,
    at,
  } satisfies Registration;
  note(id, registration as unknown as LogRecord['event'], state, at);
  for (const step of steps) {
    const [timer] = state._nodes.flatMap(node => node.after);
    at = step === 'timer' ? Math.max(at, state.context.dueAt ?? at + POLICY.stableAfterMs) : at + 10;
    const told = step === 'timer' ? { type: timer?.eventType } : outspoken(step, state.context.generation);
    const stamps = CHANCY.has(told.type ?? '') ? { at, chance: 0.5 } : { at };
    const event = { ...told, ...stamps } as ServiceEvent;
    state = nextState(state, event);
    note(id, event as unknown as LogRecord['event'], state, at);
  }
}

function outspoken(step: Exclude<Step, 'timer'>, generation: number): ServiceCommand {
  return typeof step === 'function' ? step(generation) : step;
}

function note(id: string, event: LogRecord['event'], state: ServiceSnapshot, at: number): void {
  const before = records.findLast(record => record.id === id);
  records.push({
    v: RECORD_VERSION,
    seq: records.length + 1,
    id,
    n: (before?.n ?? 0) + 1,
    prev: before?.seq ?? 0,
    at,
    event,
    to: toDurable(state),
  });
}
