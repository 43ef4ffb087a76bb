/** Watching one lane: is it lost, does it answer, does anybody need it. */
import type { Lane, LossReason } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';

export interface ProbeSettings {
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
}

export interface WatchSettings extends ProbeSettings {
  /** Idle time after which a service is reaped, in ms; 0: never. */
  idleMs(id: string): number;
}

/** Whether somebody needs what is watched: see `Lane`. */
export type Usage = Pick<Lane, 'load' | 'lastUsedAt'>;

export interface WatchReports {
  answered(): void;
  silent(reason: string): void;
  lost(reason: LossReason): void;
  idle(idleMs: number): void;
}

/**
 * Watches until the returned call. A lane that spoke within the interval is not asked: that is evidence enough.
 * @param usage what counts as use of it, if more than its own
 */
export function watchLane(
  lane: Lane,
  settings: ProbeSettings,
  clock: Clock,
  idleMs: number,
  reports: WatchReports,
  usage: Usage = lane,
): () => void {
  let over = false;
  const stops: (() => void)[] = [];
  void lane.lost.then(reason => {
    if (!over) reports.lost(reason);
  });
  stops.push(
    every(
      clock,
      () => settings.probeIntervalMs,
      () => probe(lane, settings, clock, reports, () => over),
    ),
  );
  if (idleMs > 0) stops.push(watchIdle(usage, clock, idleMs, reports));
  return () => {
    over = true;
    for (const stop of stops) stop();
  };
}

async function probe(
  lane: Lane,
  settings: ProbeSettings,
  clock: Clock,
  reports: WatchReports,
  over: () => boolean,
) {
  const silentMs = clock.now() - lane.lastSignOfLifeAt;
  // Less than none: the time of day was set back, and nothing is known of the silence.
  if (silentMs >= 0 && silentMs < settings.probeIntervalMs) return reports.answered();
  try {
    await lane.probe(settings.probeTimeoutMs);
    if (!over()) reports.answered();
  } catch (error) {
    if (!over()) reports.silent(messageOf(error));
  }
}

function watchIdle(usage: Usage, clock: Clock, idleMs: number, reports: WatchReports): () => void {
  const quietMs = () => (usage.load > 0 ? 0 : clock.now() - usage.lastUsedAt);
  const leftMs = () => idleMs - quietMs();
  return every(
    clock,
    () => (leftMs() > 0 ? leftMs() : idleMs), // told already, and yet here: it is told again, but not at once
    () => {
      if (quietMs() >= idleMs) reports.idle(quietMs());
    },
  );
}

/** Calls `task` again and again, `delayMs()` after its last end, until the returned call. */
function every(clock: Clock, delayMs: () => number, task: () => void | Promise<void>): () => void {
  let handle: unknown;
  let stopped = false;
  const arm = () => {
    if (!stopped) handle = clock.setTimeout(() => void Promise.resolve(task()).then(arm), delayMs());
  };
  arm();
  return () => {
    stopped = true;
    clock.clearTimeout(handle);
  };
}
