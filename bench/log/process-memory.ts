/** What memory a process has, as the kernel counts it (Linux). */
import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  /**
   * Memory of its own, in MB. The log is a mapped file: its pages are the page cache's, counted once per process that
   * looked at them, and go when somebody needs the room.
   */
  readonly ownMb: number;
  /** All that is resident, in MB: its own, and pages of files that it has mapped. */
  readonly residentMb: number;
}

export function memoryOf(pid: number | 'self'): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { ownMb: kib('RssAnon') / 1024, residentMb: kib('VmRSS') / 1024 };
}
