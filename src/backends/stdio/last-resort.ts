/** Ending every backend at once, for an exit that waits for nothing: a second signal, a limit of time, a second fault. */
import { treeCookie } from './environment.ts';
import { hasCode } from './kernel.ts';
import { livingNow } from './process-table.ts';
import { treeMembers } from './process-tree.ts';

/**
 * Kills the trees that a life of the gateway began, before it returns (invariant 9). Without /proc nothing can be told apart,
 * so nothing is killed.
 * @param life what their ids begin with, see `StdioOptions.treeId`; '': those of all lives. Another gateway may have a data
 * directory of the same path
 */
export function killAllOf(instance: string, life: string): void {
  const processes = livingNow();
  const seeds = processes.filter(({ cookie }) => cookie?.startsWith(treeCookie(instance, life)));
  for (const { pid } of treeMembers(processes, seeds, process.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!hasCode(error, ['ESRCH', 'EPERM'])) throw error; // ended, or of another user: nothing more can be done
    }
  }
}
