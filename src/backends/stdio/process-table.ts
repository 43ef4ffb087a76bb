/** Which processes are alive, as one look at the machine sees them. */

import { existsSync, readdirSync } from 'node:fs';
import type { SpawnRecord } from '../backend.ts';
import { systemClock } from '../clock.ts';
import { pause } from '../timers.ts';
import { hasCode, isShortage, type ProcessStat, readCookie, readStat } from './kernel.ts';

export interface ProcessEntry extends Pick<ProcessStat, 'pid' | 'ppid' | 'pgid' | 'session' | 'startTicks'> {
  /** `<instance>/<tree>` from its environment; null when it has none, or it may not be read. */
  readonly cookie: string | null;
}

export interface ProcessTable {
  /** All living processes (zombies are not), by a look that begins after the call. */
  list(): Promise<readonly ProcessEntry[]>;
  /** Whether that very process still has its pid and group, if only as a zombie: the check right before a signal. */
  isStillThere(process: SpawnRecord): boolean;
}

/** Processes read before other work gets its turn; one takes about 0.1 ms. */
const SLICE = 32;

/** A look that failed for want of file descriptors or memory is repeated after this time, in ms. */
const SHORTAGE_PAUSE_MS = 100;

/** The Linux table. Calls that come while a look is still to begin share it: many trees ending cost one look. */
function createProcTable(): ProcessTable {
  let upcoming: Promise<readonly ProcessEntry[]> | null = null;
  return {
    list() {
      upcoming ??= nextTurn().then(() => {
        upcoming = null;
        return readPatiently();
      });
      return upcoming;
    },
    isStillThere({ pid, pgid, startTicks }) {
      try {
        const stat = readStat(pid);
        return stat?.startTicks === startTicks && stat.pgid === pgid;
      } catch (error) {
        if (isShortage(error)) return false; // not known to be: no signal this time
        throw error;
      }
    },
  };
}

async function readPatiently(): Promise<readonly ProcessEntry[]> {
  for (;;) {
    try {
      return await readAll();
    } catch (error) {
      if (!isShortage(error)) throw error;
      await pause(systemClock, SHORTAGE_PAUSE_MS);
    }
  }
}

async function readAll(): Promise<readonly ProcessEntry[]> {
  const entries: ProcessEntry[] = [];
  await eachLiving(stat => entries.push({ ...stat, cookie: readCookie(stat.pid) }));
  return entries;
}

/** Looks at every living process of this machine, a slice at a time. @throws {Error} a shortage, see `isShortage` */
export async function eachLiving(look: (stat: ProcessStat) => void): Promise<void> {
  const pids = allPids();
  for (let from = 0; from < pids.length; from += SLICE) {
    if (from > 0) await nextTurn();
    for (const pid of pids.slice(from, from + SLICE)) lookAt(pid, look);
  }
}

/** All living processes, without giving other work its turn; none where there is no /proc. @throws {Error} a shortage */
export function livingNow(): readonly ProcessEntry[] {
  if (systemTable === null) return [];
  const entries: ProcessEntry[] = [];
  for (const pid of allPids()) lookAt(pid, stat => entries.push({ ...stat, cookie: readCookie(stat.pid) }));
  return entries;
}

const allPids = () => readdirSync('/proc').filter(name => /^\d+$/.test(name));

function lookAt(pid: string, look: (stat: ProcessStat) => void): void {
  const stat = readStat(Number(pid));
  if (stat !== null && !stat.dead && !stat.kernelThread) look(stat);
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/**
 * Where there is no /proc, one tree's process group is all that can be seen of it: one entry stands for the
 * whole group while anything of it is left.
 */
export function groupTable({ pid, pgid, startTicks }: SpawnRecord): ProcessTable {
  const exists = () => {
    try {
      return process.kill(-pgid, 0);
    } catch (error) {
      if (!hasCode(error, ['ESRCH', 'EPERM'])) throw error;
      return hasCode(error, ['EPERM']); // there, but of another user
    }
  };
  return {
    list: async () => (exists() ? [{ pid, ppid: 0, pgid, session: pgid, startTicks, cookie: null }] : []),
    isStillThere: exists,
  };
}

/** The table of this machine; null where there is no /proc. */
export const systemTable: ProcessTable | null = existsSync('/proc/self/stat') ? createProcTable() : null;
