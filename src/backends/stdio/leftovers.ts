/** Ending what an earlier life of the gateway left running (invariant 9, after a `kill -9`). */

import type { SpawnRecord } from '../backend.ts';
import { systemClock } from '../clock.ts';
import type { Timers } from '../timers.ts';
import { isOfInstance } from './environment.ts';
import { type ProcessEntry, type ProcessTable, systemTable } from './process-table.ts';
import { type Claim, ProcessTree } from './process-tree.ts';

export interface LeftoverOptions {
  /** The data directory's own name, as given to every spawn of it. */
  readonly instance: string;
  /** Time between TERM and KILL in ms; default 5,000. */
  readonly graceMs?: number;
  readonly timers?: Timers;
  readonly table?: ProcessTable;
}

/** What an earlier life left running, as one look at the machine found it. */
export interface Leftovers {
  readonly found: number;
  /** Ends them all. Resolves when none is alive, with those that were ended. */
  end(): Promise<readonly SpawnRecord[]>;
}

/**
 * Finds every process tree that an earlier life of this data directory's gateway left: those of `records`,
 * and those that were spawned but never recorded, found by the instance in their cookie. Call it before the
 * first spawn, under the data directory's lock; trees spawned after it resolved are not touched by `end`.
 *
 * A recycled pid is never touched: a record counts only where pid and kernel start time agree, and one
 * without a start time not at all; nor does one of a process that bears the cookie of another data directory, as
 * the records of a copy do whose original is still in use. Without /proc nothing can be told apart, so nothing is found.
 */
export async function findLeftovers(
  records: readonly SpawnRecord[],
  options: LeftoverOptions,
): Promise<Leftovers> {
  const table = options.table ?? systemTable;
  if (table === null) return { found: 0, end: async () => [] };
  const claim = leftoverClaim(records, options.instance);
  const tree = new ProcessTree({ claim, table, timers: options.timers ?? systemClock });
  const members = await tree.survey();
  return { found: members.length, end: () => tree.end(options.graceMs ?? 5_000) };
}

/** The trees are those of the first look: a tree spawned after it belongs to this life. */
function leftoverClaim(records: readonly SpawnRecord[], instance: string): Claim {
  const startOf = new Map(records.map(({ pid, startTicks }) => [pid, startTicks]));
  const isForeign = ({ cookie }: ProcessEntry) => cookie !== null && !isOfInstance(cookie, instance);
  let cookies: ReadonlySet<string | null> | null = null;
  return processes => {
    cookies ??= new Set(
      processes
        .map(entry => entry.cookie)
        .filter(cookie => cookie !== null && isOfInstance(cookie, instance)),
    );
    const trees = cookies;
    return processes.filter(
      entry =>
        trees.has(entry.cookie) ||
        (!isForeign(entry) && entry.startTicks > 0 && startOf.get(entry.pid) === entry.startTicks),
    );
  };
}
