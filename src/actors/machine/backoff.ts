/** How long a Persistent service waits before its next restart. Pure: the chance comes with the event. */
import type { Policy, ServiceCommand } from './model.ts';

/** Events after which a restart may be owed: the journal stamps them with a chance, so that replay finds the same due time. */
export const CHANCY: ReadonlySet<string> = new Set<ServiceCommand['type']>([
  'start failed',
  'probe failed',
  'backend lost',
]);

/** More of them exceed any cooldown a timer can wait; without a bound 0 ms would double into NaN. */
const MAX_DOUBLINGS = 31;

/**
 * Cooldown in ms after the given number of consecutive failures (≥ 1): doubled each time, then lengthened by up to the
 * policy's jitter, so that services which failed together do not come back together. Never shorter than the first cooldown,
 * never longer than the longest; the last step before that bound leaves room for the jitter.
 * @param chance in [0, 1): how much of the jitter it is
 */
export function backoffMs(
  { cooldownMs, cooldownMaxMs, jitter }: Policy,
  failures: number,
  chance = 0,
): number {
  const doublings = Math.min(MAX_DOUBLINGS, Math.max(0, failures - 1));
  const steepest = Math.max(cooldownMs, cooldownMaxMs / (1 + jitter));
  const waitMs = Math.min(steepest, cooldownMs * 2 ** doublings);
  return Math.round(Math.min(cooldownMaxMs, waitMs * (1 + jitter * chance)));
}
