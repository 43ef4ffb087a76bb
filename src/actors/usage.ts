import type { Lane } from '../backends/backend.ts';
import type { LanePool } from './lane-pool.ts';
import type { Usage } from './watch.ts';

/** A service is in use while any of its lanes is. */
export const usageOfAll = (first: Lane, others: LanePool): Usage => ({
  get load() {
    return first.load + others.load;
  },
  get lastUsedAt() {
    return Math.max(first.lastUsedAt, others.lastUsedAt);
  },
});
