/** What the Linux kernel tells about one process: /proc/<pid>/stat and /proc/<pid>/environ. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { TREE_VARIABLE } from './environment.ts';

export interface ProcessStat {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly session: number;
  /** Start time in clock ticks since boot (field 22); together with the pid it names one process for good. */
  readonly startTicks: number;
  /** Dead, and at most waiting for its parent to fetch the exit status. */
  readonly dead: boolean;
  readonly kernelThread: boolean;
  /** Processor time so far, its own and the kernel's for it, in clock ticks. */
  readonly cpuTicks: number;
  /** Memory that is resident, in pages. */
  readonly rssPages: number;
}

const KERNEL_THREAD_FLAG = 0x00200000;

/**
 * Reads one line of /proc/<pid>/stat; null when it is not one. The second field, the command's name, is
 * chosen by the process and may hold blanks, parentheses and line breaks: the fields after it are counted
 * from the last closing parenthesis.
 */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 2 || close < open) return null;
  const pid = Number(text.slice(0, open));
  const [state = '', ...rest] = text
    .slice(close + 1)
    .trim()
    .split(' ');
  const field = (number: number) => Number(rest[number - 4]);
  const stat = {
    pid,
    ppid: field(4),
    pgid: field(5),
    session: field(6),
    startTicks: field(22),
    // A main thread that ended before its fellows shows as a zombie, too, but with more than one thread.
    dead: state === 'X' || (state === 'Z' && field(20) <= 1),
    kernelThread: (field(9) & KERNEL_THREAD_FLAG) !== 0,
    cpuTicks: field(14) + field(15),
    rssPages: field(24),
  };
  const numbers = [stat.pid, stat.ppid, stat.pgid, stat.session, stat.startTicks, field(9), field(20)];
  const sizes = [stat.cpuTicks, stat.rssPages];
  return [...numbers, ...sizes].every(Number.isSafeInteger) ? stat : null;
}

/** Longer than any stat; filled and read within one call. A file of /proc has no size, for which Node would allocate 64 KiB each. */
const SCRATCH = Buffer.allocUnsafe(4096);

/** Reads a process's stat; null when there is no such process, or no /proc. */
export function readStat(pid: number): ProcessStat | null {
  return unlessGone(() => {
    const file = openSync(`/proc/${pid}/stat`, 'r');
    try {
      const length = readSync(file, SCRATCH, 0, SCRATCH.length, 0);
      return parseStat(SCRATCH.toString('latin1', 0, length));
    } finally {
      closeSync(file);
    }
  });
}

/** The units the kernel counts in. */
export interface KernelUnits {
  readonly ticksPerSecond: number;
  readonly bytesPerPage: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** Finds the units in an auxiliary vector (pairs of 64-bit words); null where it does not say. */
export function unitsIn(vector: Buffer): KernelUnits | null {
  const words = new Map<bigint, number>();
  const little = endianness() === 'LE';
  const word = (at: number) => (little ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= vector.length; at += 16) words.set(word(at), Number(word(at + 8)));
  const ticksPerSecond = words.get(AT_CLKTCK);
  const bytesPerPage = words.get(AT_PAGESZ);
  return ticksPerSecond && bytesPerPage ? { ticksPerSecond, bytesPerPage } : null;
}

/** The units of this machine; null where the kernel does not tell. */
export function readUnits(): KernelUnits | null {
  const vector = readProc('/proc/self/auxv');
  return vector === null ? null : unitsIn(vector);
}

/** The tree cookie in a process's environment; null when it has none, or it may not be read. */
export function readCookie(pid: number): string | null {
  const bytes = readProc(`/proc/${pid}/environ`);
  return bytes === null ? null : cookieIn(bytes);
}

/** Finds the cookie in an environment block (`NAME=value`, each ended by a NUL). */
export function cookieIn(environment: Buffer): string | null {
  const name = `${TREE_VARIABLE}=`;
  let at = environment.indexOf(name);
  while (at > 0 && environment[at - 1] !== 0) at = environment.indexOf(name, at + 1);
  if (at < 0) return null;
  const end = environment.indexOf(0, at);
  return environment.toString('utf8', at + name.length, end < 0 ? environment.length : end);
}

/** Whether the system was short of something that comes back: the same call can succeed a little later. */
export function isShortage(error: unknown): boolean {
  return hasCode(error, ['EMFILE', 'ENFILE', 'ENOMEM']);
}

export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const readProc = (path: string): Buffer | null => unlessGone(() => readFileSync(path));

function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    // ENOENT, ESRCH: it has ended. EACCES, EPERM: it belongs to somebody else.
    if (hasCode(error, ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])) return null;
    throw error;
  }
}
