/**
 * One gateway per data directory. The claim is a value in the file itself, taken in one LMDB transaction:
 * two gateways that start at once cannot both find it free, and nothing is left to clean up by hand, for a
 * claim whose process is gone counts for nothing. Processes are told apart by the kernel's start time and
 * the boot, so a recycled pid holds no claim. Two containers that share a directory but no pid namespace
 * cannot see each other; there the deployment must see to it that only one runs.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from './errors.ts';
import type { LmdbFile } from './lmdb-layout.ts';

type MetaTable = LmdbFile['meta'];

const KEY = 'holder';
/** Fields of /proc/<pid>/stat after the command: state is the first, start time the 20th. */
const START_TICKS_FIELD = 19;

/** A process, so that no other is ever taken for it. */
type Holder = {
  readonly pid: number;
  /** Kernel start time in clock ticks since boot; 0 where the kernel does not tell. */
  readonly startTicks: number;
  /** Id of the running boot; '' where the kernel does not tell. */
  readonly bootId: string;
};

/**
 * Claims the data directory for this process. To be called inside a transaction.
 * @throws {StorageError} a living process, possibly this one, holds it; names the directory and the pid
 */
export function claimDataDir(meta: MetaTable, path: string): void {
  const holder = asHolder(meta.get(KEY));
  if (holder && isAlive(holder)) {
    const who = holder.pid === process.pid ? 'this process' : `process ${holder.pid}`;
    throw new StorageError(
      `the data directory ${dirname(path)} is in use by ${who}: stop that gateway, or give this one another dataDir`,
    );
  }
  meta.putSync(KEY, ourselves());
}

/** Whether somebody claimed the data directory and did not give it up, alive or not. */
export function isHeld(meta: MetaTable): boolean {
  return meta.get(KEY) !== undefined;
}

/** Gives the claim up. To be called inside a transaction. */
export function releaseDataDir(meta: MetaTable): void {
  meta.removeSync(KEY);
}

function ourselves(): Holder {
  return { pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? 0, bootId: bootId() };
}

function asHolder(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTicks, bootId: boot } = value as Partial<Record<string, unknown>>;
  if (typeof pid !== 'number' || typeof startTicks !== 'number' || typeof boot !== 'string') return undefined;
  return { pid, startTicks, bootId: boot };
}

function isAlive(holder: Holder): boolean {
  if (holder.bootId !== bootId() || !exists(holder.pid)) return false;
  const stat = readStat(holder.pid);
  return stat === undefined || (!stat.dead && stat.startTicks === holder.startTicks);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** undefined where /proc does not tell. A process that only waits to be reaped is dead. */
function readStat(pid: number): { dead: boolean; startTicks: number } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { dead: fields[0] === 'Z' || fields[0] === 'X', startTicks: Number(fields[START_TICKS_FIELD]) };
}

function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Reads a file of /proc; undefined on systems without it, and for processes that are gone or hidden. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
