/** A cgroup v2 for the tree of one backend (Linux: Documentation/admin-guide/cgroup-v2.rst). */
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../backend.ts';
import type { Limits } from '../config/service-config.ts';
import { hasCode } from './kernel.ts';

const PREFIX = 'evergate-';
/** Period over which CPU time is counted, in µs: the kernel's own default. */
const PERIOD_US = 100_000;

export interface Cgroup {
  /** Its directory. */
  readonly path: string;
  /** To be called when no process is left in it. */
  remove(): void;
}

/** @param tree names it; nobody else has it @throws {StartFailure} it cannot be made, or lacks a controller */
export function makeCgroup(root: string, tree: string, { memoryBytes, cpuPercent }: Limits): Cgroup {
  const path = join(root, `${PREFIX}${tree}`);
  try {
    makeDirectory(path);
    // Opened, not made: where a controller is missing there is no such file.
    const set = (file: string, value: string) => writeFileSync(join(path, file), value, { flag: 'r+' });
    if (memoryBytes !== null) set('memory.max', String(memoryBytes));
    if (cpuPercent !== null) set('cpu.max', `${Math.ceil((cpuPercent * PERIOD_US) / 100)} ${PERIOD_US}`);
    return { path, remove: () => removeEmpty(path) };
  } catch (error) {
    removeEmpty(path);
    throw new StartFailure(`limits: ${explain(error)}`);
  }
}

/** Removes what an earlier life left, as far as nothing runs in it. @throws {Error} `root` cannot be read */
export function sweepCgroups(root: string): void {
  try {
    for (const name of readdirSync(root)) if (name.startsWith(PREFIX)) removeEmpty(join(root, name));
  } catch (error) {
    throw new Error(`cgroupRoot: ${explain(error)}`);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!hasCode(error, ['EEXIST'])) throw error;
  }
}

/** EBUSY: something is still in it; the next boot finds it. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!hasCode(error, ['EBUSY', 'ENOENT', 'ENOTEMPTY'])) throw error;
  }
}

function explain(error: unknown): string {
  if (hasCode(error, ['ENOENT'])) {
    return 'cgroupRoot is no cgroup v2 directory whose cgroup.subtree_control has the controllers memory and cpu; see docs/security.md';
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return `no cgroup can be made in cgroupRoot (${code}); delegate the directory to the gateway's user`;
}
