/** The bounds of a service's lanes beside its first (invariant 10). */
import type { ExtraLane } from './extra-lane.ts';
import { Refusal } from './refusal.ts';

/** How soon trying again can help, in ms. */
const RETRY_MS = 1000;

/** Idle time from which a lane may be ended because another session needs its place, in ms. */
const EVICTABLE_AFTER_MS = 10_000;

/**
 * What must be gone before another lane is launched: the earlier one of the same key (invariant 2), and, where there is no
 * room, the lane that idled longest, which is ended for it. Its session is given another at its next need.
 * @param existing lanes of which anything is left @param maxLanes with the first one
 * @throws {Refusal} 0009 all are busy
 */
export function placeFor(
  key: string,
  existing: ReadonlySet<ExtraLane>,
  maxLanes: number,
  now: number,
): Promise<unknown> {
  const lanes = [...existing];
  const before = lanes.findLast(other => other.key === key);
  const keys = new Set(lanes.map(lane => lane.key)).add(key);
  if (keys.size < maxLanes) return before?.gone ?? Promise.resolve();
  const idle = longestIdle(lanes, now);
  if (idle === null) {
    const reason = `maxLanesPerService (${maxLanes}) is reached: end a session of this service first`;
    throw new Refusal('0009', reason, RETRY_MS);
  }
  idle.end('its place was needed for another session');
  return Promise.all([before?.gone, idle.gone]);
}

/** The lane nobody used for longest, and for long enough to be given up; null when there is none. */
function longestIdle(lanes: readonly ExtraLane[], now: number): ExtraLane | null {
  let idle: ExtraLane | null = null;
  let since = now - EVICTABLE_AFTER_MS;
  for (const extra of lanes) {
    const { lane } = extra;
    if (lane === null || lane.load > 0 || lane.lastUsedAt > since) continue;
    since = lane.lastUsedAt;
    idle = extra;
  }
  return idle;
}

/** @throws {Refusal} 0009 too many requests wait for lanes of this service already */
export function requireRoomToWait(lanes: Iterable<ExtraLane>, maxHeldRequests: number): void {
  let held = 0;
  for (const lane of lanes) held += lane.held;
  if (held < maxHeldRequests) return;
  throw new Refusal('0009', `${maxHeldRequests} requests already wait for a lane of this service`, RETRY_MS);
}
