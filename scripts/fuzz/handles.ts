/** What this process holds: what is there before must be all that is there after. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

export type Handles = Readonly<Record<string, number>>;

/** What keeps the event loop alive by kind, open descriptors, child processes. */
export function handles(): Handles {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  counts.descriptors = readdirSync('/proc/self/fd').length;
  counts.children = childrenOf(process.pid).length;
  return counts;
}

/** Kinds of which there are more than before, with both numbers; empty: none. */
export function excess(before: Handles, now: Handles): string[] {
  return Object.entries(now).flatMap(([kind, count]) =>
    count > (before[kind] ?? 0) ? [`${kind}: ${before[kind] ?? 0} before, ${count} now`] : [],
  );
}

function childrenOf(pid: number): string[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
}
