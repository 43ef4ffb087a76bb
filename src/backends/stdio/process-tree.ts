/**
 * Ending process trees: TERM, then KILL, until nothing of a tree is left (invariants 2 and 9).
 *
 * A backend leads its own session and process group. What a tree consists of is found by four traces, each
 * of which survives the loss of another: the group, the session, the line of parents, and the cookie in the
 * environment. A process that sheds all four (a daemon that cleared its environment and whose parents had
 * ended before anybody looked) cannot be found.
 */
import type { SpawnRecord } from '../backend.ts';
import { pause, type Timers } from '../timers.ts';
import { hasCode } from './kernel.ts';
import type { ProcessEntry, ProcessTable } from './process-table.ts';

/** Tells which of the living processes surely belong to a tree; the rest of it is found from these. */
export type Claim = (processes: readonly ProcessEntry[]) => readonly ProcessEntry[];

/** Claims the tree under a backend of this life of the gateway, by its cookie, session and group. */
export function treeClaim(root: SpawnRecord, cookie: string): Claim {
  return processes => {
    // A number is not given out again while a session or group bears it: only its own pid can tell.
    const recycled = processes.some(entry => entry.pid === root.pid && entry.startTicks !== root.startTicks);
    return processes.filter(
      entry =>
        entry.startTicks >= root.startTicks &&
        (entry.cookie === cookie || (!recycled && (entry.session === root.pgid || entry.pgid === root.pgid))),
    );
  };
}

/**
 * All of a tree, from some of it: every child of a member is one, and every process of a session that has a
 * member, because each tree began with a session of its own. Never this process, nor its session.
 */
export function treeMembers(
  processes: readonly ProcessEntry[],
  seeds: readonly ProcessEntry[],
  ownPid: number,
): ProcessEntry[] {
  const ownSession = processes.find(entry => entry.pid === ownPid)?.session;
  const foreign = processes.filter(
    entry => entry.pid > 1 && entry.pid !== ownPid && entry.session !== ownSession,
  );
  const members = new Set(foreign.filter(entry => seeds.includes(entry)));
  const pids = new Set<number>();
  const sessions = new Set<number>();
  for (let size = -1; size < members.size; ) {
    size = members.size;
    for (const { pid, session } of members) {
      pids.add(pid);
      sessions.add(session);
    }
    for (const entry of foreign) if (pids.has(entry.ppid) || sessions.has(entry.session)) members.add(entry);
  }
  return [...members];
}

export interface ProcessTreeOptions {
  readonly claim: Claim;
  readonly table: ProcessTable;
  readonly timers: Timers;
}

/** Polling for the end of a tree begins this fast, and slows down to the second figure. In ms. */
const FIRST_POLL_MS = 5;
const SLOWEST_POLL_MS = 100;

/** One tree while it is being ended. What was once seen to belong to it stays known, even as its parents end. */
export class ProcessTree {
  readonly #options: ProcessTreeOptions;
  readonly #known = new Map<number, ProcessEntry>();

  constructor(options: ProcessTreeOptions) {
    this.#options = options;
  }

  /** Looks for the tree's living processes, so that they are known before their parents are gone. */
  async survey(): Promise<readonly ProcessEntry[]> {
    const processes = await this.#options.table.list();
    const seen = processes.filter(entry => this.#known.get(entry.pid)?.startTicks === entry.startTicks);
    const members = treeMembers(processes, [...this.#options.claim(processes), ...seen], process.pid);
    for (const entry of members) this.#known.set(entry.pid, entry);
    return members;
  }

  /**
   * Sends TERM to every group of the tree once, and KILL to what is left after `graceMs`, again and again.
   * Resolves when no process of it is alive (with no bound in time: the kernel may hold one back), with all
   * that were.
   */
  async end(graceMs: number): Promise<readonly SpawnRecord[]> {
    const asked = new Set<number>();
    let waitedMs = 0;
    let pollMs = FIRST_POLL_MS;
    for (let members = await this.survey(); members.length > 0; members = await this.survey()) {
      const groups = new Set(members.map(entry => entry.pgid));
      for (const pgid of groups) {
        if (waitedMs < graceMs && asked.has(pgid)) continue;
        asked.add(pgid);
        this.#signal(pgid, members, waitedMs < graceMs ? 'SIGTERM' : 'SIGKILL');
      }
      const delayMs = waitedMs < graceMs ? Math.min(pollMs, graceMs - waitedMs) : pollMs;
      await pause(this.#options.timers, delayMs);
      waitedMs += delayMs;
      pollMs = Math.min(pollMs * 2, SLOWEST_POLL_MS);
    }
    return [...this.#known.values()].map(({ pid, pgid, startTicks }) => ({ pid, pgid, startTicks }));
  }

  /** Signals a group in which some process is, right now, still the one that was seen: never a recycled number. */
  #signal(pgid: number, members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
    const isOurs = members.some(entry => entry.pgid === pgid && this.#options.table.isStillThere(entry));
    if (pgid <= 1 || !isOurs) return;
    try {
      process.kill(-pgid, signal);
    } catch (error) {
      // ESRCH: it has just ended. EPERM: it changed its user; all that can be done is to wait for it.
      if (!hasCode(error, ['ESRCH', 'EPERM'])) throw error;
    }
  }
}
