/** Whether news that had to wait for its turn is still so: until it is on record its service goes on serving. */
import type { LanePool } from './lane-pool.ts';
import type { ServiceCommand } from './machine/model.ts';
import type { BackendSlot } from './slot.ts';
import { usageOfAll } from './usage.ts';

/**
 * False for news that a lane was idle when it has been used since, and for news that it was silent when it has spoken: to
 * act on it would end a backend under a call (invariant 3). Of a lane that is gone the machine knows what is stale.
 * @param since epoch ms at which it was told; a sign of life that lies beyond now is none: the time of day was set back
 */
export function isStillTrue(
  news: ServiceCommand,
  { since, now }: { readonly since: number; readonly now: number },
  { slot: { lane }, lanes }: { readonly slot: BackendSlot; readonly lanes: LanePool },
): boolean {
  if (lane === null) return true;
  if (news.type === 'idled out') {
    const { load, lastUsedAt } = usageOfAll(lane, lanes);
    return load === 0 && lastUsedAt < since;
  }
  if (news.type === 'probe failed') {
    const mayEndIt = !news.decisive || lane.load === 0;
    return mayEndIt && (lane.lastSignOfLifeAt < since || lane.lastSignOfLifeAt > now);
  }
  return true;
}
