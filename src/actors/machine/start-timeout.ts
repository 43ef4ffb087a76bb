/** How long a start may be silent: what its config says, or what the service's own earlier starts took. Pure. */
import type { ServiceContext } from './model.ts';

/** The limit of one start, and whose word it is: the config's, the settings', or that of earlier starts. */
export interface StartTimeout {
  /** Longest silence, in ms; the whole start may take ten times as long. */
  readonly ms: number;
  readonly by: 'config' | 'settings' | 'starts';
}

export interface StartTimeoutSettings {
  /** Longest silence of a start of which nothing is known yet, in ms. */
  readonly startTimeoutMs: number;
  /** Nothing that is learned is shorter, in ms. */
  readonly startTimeoutMinMs: number;
  /** Nothing that is learned is longer, in ms; 0: nothing is learned. */
  readonly startTimeoutMaxMs: number;
}

/** What of a config counts here. */
export interface StartedConfig {
  /** Its own limit, in ms; null: none. */
  readonly startTimeoutMs: number | null;
  /** Whether its command may have to download what it runs first, which shows no sign of life and happens rarely. */
  readonly mayInstall: boolean;
}

/** Starts whose durations are remembered (invariant 10): the fewest whose 95th percentile is not their maximum. */
const STARTS_KEPT = 20;
/** From fewer starts nothing is learned. */
const FEWEST_STARTS = 3;
/** A start may be silent for this many times what 95 of 100 starts took altogether. */
const MARGIN = 4;

/** The durations to remember after one more start, in ms, oldest first. */
export function withStart(starts: readonly number[], tookMs: number): readonly number[] {
  return [...starts, tookMs].slice(-STARTS_KEPT);
}

/** The duration that 95 of 100 of these starts did not exceed (nearest rank), in ms; 0 of none. */
export function percentile95(starts: readonly number[]): number {
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

/**
 * The limit of the next start. What is learned lies between the settings' bounds, and is not below `startTimeoutMs` after a
 * failure, or where something may have to be downloaded: what was quick so far need not be so then.
 */
export function startTimeoutOf(
  { starts, failures }: Pick<ServiceContext, 'starts' | 'failures'>,
  settings: StartTimeoutSettings,
  config: StartedConfig | null,
): StartTimeout {
  const { startTimeoutMs, startTimeoutMinMs, startTimeoutMaxMs } = settings;
  if (config !== null && config.startTimeoutMs !== null) return { ms: config.startTimeoutMs, by: 'config' };
  if (startTimeoutMaxMs === 0 || starts.length < FEWEST_STARTS) return { ms: startTimeoutMs, by: 'settings' };
  const isCareful = failures > 0 || config === null || config.mayInstall;
  const least = isCareful ? startTimeoutMs : Math.min(startTimeoutMinMs, startTimeoutMs);
  const most = Math.max(startTimeoutMaxMs, startTimeoutMs);
  const ms = Math.min(most, Math.max(least, MARGIN * percentile95(starts)));
  return ms === startTimeoutMs ? { ms, by: 'settings' } : { ms, by: 'starts' };
}
