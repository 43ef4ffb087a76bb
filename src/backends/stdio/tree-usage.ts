/**
 * Memory and processor time of process trees, by one look at the kernel's table for all of them. A tree is what can be
 * told from that look: the sessions of its processes, and the children of those. Who left both is not counted.
 */
import type { SpawnRecord } from '../backend.ts';
import { type KernelUnits, type ProcessStat, readUnits } from './kernel.ts';
import { eachLiving, systemTable } from './process-table.ts';

export interface TreeUsage {
  readonly rssBytes: number;
  /** Processor time so far in ms, by process: `<pid>.<start time>`, which is never given again. */
  readonly cpuMs: ReadonlyMap<string, number>;
}

/** Measures the trees under these processes, by the pid of each. @throws {Error} by rejection: a shortage, see `isShortage` */
export type ReadTrees = (roots: readonly SpawnRecord[]) => Promise<ReadonlyMap<number, TreeUsage>>;

/** Of this machine; null where the kernel does not tell. */
export function treeReader(): ReadTrees | null {
  const units = systemTable === null ? null : readUnits();
  if (units === null) return null;
  return async roots => {
    const living: ProcessStat[] = [];
    await eachLiving(stat => living.push(stat));
    return usageOfTrees(living, roots, units);
  };
}

/** Pure. */
export function usageOfTrees(
  living: readonly ProcessStat[],
  roots: readonly SpawnRecord[],
  { ticksPerSecond, bytesPerPage }: KernelUnits,
): ReadonlyMap<number, TreeUsage> {
  const owners = new Owners(living, roots);
  const trees = new Map<number, { rssBytes: number; readonly cpuMs: Map<string, number> }>();
  for (const process of living) {
    const root = owners.of(process);
    if (root === null) continue;
    const tree = trees.get(root) ?? { rssBytes: 0, cpuMs: new Map() };
    trees.set(root, tree);
    tree.rssBytes += process.rssPages * bytesPerPage;
    tree.cpuMs.set(`${process.pid}.${process.startTicks}`, (process.cpuTicks * 1000) / ticksPerSecond);
  }
  return trees;
}

/** Whose each process is: one look at each, however deep the trees. */
class Owners {
  readonly #byPid = new Map<number, ProcessStat>();
  readonly #bySession = new Map<number, SpawnRecord>();
  /** The pid of the root, by pid; null: nobody's. */
  readonly #known = new Map<number, number | null>();

  constructor(living: readonly ProcessStat[], roots: readonly SpawnRecord[]) {
    for (const process of living) this.#byPid.set(process.pid, process);
    for (const root of roots) this.#bySession.set(root.pgid, root);
  }

  of(process: ProcessStat): number | null {
    const known = this.#known.get(process.pid);
    if (known !== undefined) return known;
    this.#known.set(process.pid, null); // a parent that is its own child, as a look at a moving target may have it
    const root = this.#bySession.get(process.session);
    const parent = this.#byPid.get(process.ppid);
    const owner =
      root !== undefined && this.#isSession(root) ? root.pid : parent === undefined ? null : this.of(parent);
    this.#known.set(process.pid, owner);
    return owner;
  }

  /** The number of the session is still that root's: it is not given again while a process of the session lives. */
  #isSession({ pid, startTicks }: SpawnRecord): boolean {
    const process = this.#byPid.get(pid);
    return process === undefined || process.startTicks === startTicks;
  }
}
