/** Ending every backend at once, for an exit that waits for nothing: a second signal, a limit of time, a second fault. */
import { isOfInstance } from './environment.ts';
import { hasCode } from './kernel.ts';
import { livingNow } from './process-table.ts';
import { treeMembers } from './process-tree.ts';

/**
 * Kills the trees of all that bears this data directory's cookie, before it returns (invariant 9). Only under the lock of
 * the data directory: then nobody else has such trees. Without /proc nothing can be told apart, so nothing is killed.
 * @param instance see `findLeftovers`
 */
export function killAllOf(instance: string): void {
  const processes = livingNow();
  const seeds = processes.filter(({ cookie }) => cookie !== null && isOfInstance(cookie, instance));
  for (const { pid } of treeMembers(processes, seeds, process.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!hasCode(error, ['ESRCH', 'EPERM'])) throw error; // ended, or of another user: nothing more can be done
    }
  }
}
