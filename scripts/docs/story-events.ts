/** What the stories are made of: the default settings, and events as the gateway tells them. */
import type { Policy } from '../../src/actors/machine/model.ts';
import { SETTINGS } from '../../src/settings/table.ts';
import type { Step, StoryEvent } from './story.ts';

/** The defaults of the settings. */
export const POLICY: Policy = {
  cooldownMs: SETTINGS.restartCooldownMs.fallback,
  cooldownMaxMs: SETTINGS.restartCooldownMaxMs.fallback,
  jitter: SETTINGS.restartJitter.fallback,
  stableAfterMs: SETTINGS.stableAfterMs.fallback,
  maxStartFailures: SETTINGS.maxStartFailures.fallback,
  probeFailures: SETTINGS.probeFailures.fallback,
};
export const IDLE_MS = SETTINGS.oneShotIdleMs.fallback;

export const asked: StoryEvent = { type: 'start requested', by: 'check_status' };
export const removalAsked: StoryEvent = { type: 'removal requested' };
export const restarted = (warmup: 'gated' | 'lazy'): StoryEvent => ({ type: 'gateway restarted', warmup });

export const permitted: StoryEvent = generation => ({ type: 'start permitted', generation });
export const spawned =
  (pid: number): StoryEvent =>
  generation => ({
    type: 'spawned',
    generation,
    process: { pid, pgid: pid, startTicks: 0 },
  });
export const succeeded: StoryEvent = generation => ({
  type: 'start succeeded',
  generation,
  server: 'files 1.0.0',
});
const failed: StoryEvent = generation => ({ type: 'start failed', generation, reason: 'command not found' });
export const answered: StoryEvent = generation => ({ type: 'probe answered', generation });
export const silent: StoryEvent = generation => ({
  type: 'probe failed',
  generation,
  reason: 'no answer in time',
  decisive: false,
});
export const exited =
  (exitCode: number): StoryEvent =>
  generation => ({
    type: 'backend lost',
    generation,
    reason: `exited with code ${exitCode}`,
    exitCode,
    signal: null,
  });
export const idled: StoryEvent = generation => ({ type: 'idled out', generation, idleMs: IDLE_MS });
export const tornDown: StoryEvent = generation => ({ type: 'teardown finished', generation });

export const laneSpawned =
  (lane: number, pid: number): StoryEvent =>
  generation => ({
    type: 'lane spawned',
    generation,
    lane,
    process: { pid, pgid: pid, startTicks: 0 },
  });
export const laneEnded =
  (lane: number, reason: string): StoryEvent =>
  generation => ({
    type: 'lane ended',
    generation,
    lane,
    reason,
  });

export const toolsListed =
  (hash: string, count: number, lost: readonly string[] = []): StoryEvent =>
  generation => ({ type: 'tools listed', generation, hash, count, lost, announced: false });

/** A start that succeeds, from its permit on. */
export const coming = (pid: number): readonly StoryEvent[] => [permitted, spawned(pid), succeeded];
/** A start that fails, from its permit on. */
export const failing: readonly StoryEvent[] = [permitted, failed];
/** Up and serving soon after its registration. */
export const up: Step = { after: 1, events: [asked, ...coming(101)], to: 'Ready.Healthy' };

/** Ms as the prose has them. */
export const seconds = (ms: number) => `${ms / 1000} s`;
export const times = <T>(count: number, make: () => T): readonly T[] =>
  Array.from({ length: Math.max(0, count) }, make);
