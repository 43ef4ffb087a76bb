/** What processes use, as the kernel counts it (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds per tick of the kernel's accounting (USER_HZ is 100 on every Linux). */
const TICK_US = 10_000;

interface Usage {
  readonly parent: number;
  /** CPU time so far, user and system, in µs. */
  readonly cpuUs: number;
}

function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US };
  } catch {
    return null;
  }
}

/** CPU time of one process so far, in µs; 0 once it is gone. */
export const cpuUs = (pid: number): number => usageOf(pid)?.cpuUs ?? 0;

/** Every process below one, itself left out. */
export function descendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? usageOf(pid)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const below = (pid: number) => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      below(child);
    }
  };
  below(root);
  return found;
}

/** Resident memory of one process, in MiB. */
export function rssMib(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) / 1024;
}

/** CPU time that the whole machine was busy so far, in µs; stolen time counts as busy. */
export function machineUs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_US;
}
