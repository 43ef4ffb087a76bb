/** What one backend may use: limits of the kernel, set before its command runs. */

import type { Limits } from '../config/service-config.ts';

export interface LimitSettings {
  /** What no service may exceed, whatever its config says; 0: no limit. */
  readonly limitMemoryBytes: number;
  readonly limitCpuPercent: number;
  readonly limitCpuSeconds: number;
  readonly limitOpenFiles: number;
  /** A cgroup v2 directory in which the gateway may make one per backend; null: none. */
  readonly cgroupRoot: string | null;
}

export const UNLIMITED: LimitSettings = {
  limitMemoryBytes: 0,
  limitCpuPercent: 0,
  limitCpuSeconds: 0,
  limitOpenFiles: 0,
  cgroupRoot: null,
};

const NO_LIMITS: Limits = { memoryBytes: null, cpuPercent: null, cpuSeconds: null, openFiles: null };

/** Of each limit the smaller of the config's and the operator's. */
export function limitsFor(own: Limits = NO_LIMITS, settings: LimitSettings): Limits {
  return {
    memoryBytes: smaller(own.memoryBytes, settings.limitMemoryBytes),
    cpuPercent: smaller(own.cpuPercent, settings.limitCpuPercent),
    cpuSeconds: smaller(own.cpuSeconds, settings.limitCpuSeconds),
    openFiles: smaller(own.openFiles, settings.limitOpenFiles),
  };
}

function smaller(own: number | null, ceiling: number): number | null {
  if (ceiling === 0) return own;
  return own === null ? ceiling : Math.min(own, ceiling);
}

/** Why a config's limits cannot be kept here; null: they can. */
export function limitProblem(
  limits: Limits = NO_LIMITS,
  { cgroupRoot }: Pick<LimitSettings, 'cgroupRoot'>,
  platform: NodeJS.Platform = process.platform,
): { readonly field: string; readonly text: string } | null {
  const [field] = Object.entries(limits).find(([, value]) => value !== null) ?? [];
  if (field !== undefined && platform === 'win32') {
    return { field: `limits.${field}`, text: 'cannot be kept on Windows; leave it out' };
  }
  if (limits.cpuPercent !== null && cgroupRoot === null) {
    return { field: 'limits.cpuPercent', text: 'needs a cgroup: set cgroupRoot, or use limits.cpuSeconds' };
  }
  return null;
}

/**
 * The command line that enters the cgroup and sets the limits before it becomes `command`. POSIX shell, because prlimit(1)
 * is not everywhere; nothing of a config is part of the script. `ulimit -d` counts private memory (Linux ≥ 4.7): address
 * space as such, which `-v` would bound, is reserved by the gigabyte by runtimes that never use it.
 * @param cgroup its directory; null: none
 */
export function limitedLine(
  command: readonly string[],
  { memoryBytes, cpuSeconds, openFiles }: Limits,
  cgroup: string | null,
): readonly string[] {
  const steps = [
    cgroup !== null && step(`echo 0 > "$0/cgroup.procs"`, 'the cgroup cannot be entered'),
    cgroup === null && memoryBytes !== null && ulimit('d', Math.ceil(memoryBytes / 1024), 'memoryBytes'),
    cpuSeconds !== null && ulimit('t', cpuSeconds, 'cpuSeconds'),
    openFiles !== null && ulimit('n', openFiles, 'openFiles'),
  ].filter(part => part !== false);
  if (steps.length === 0) return command;
  return ['/bin/sh', '-c', [...steps, 'exec "$@"'].join('\n'), cgroup ?? 'evergate', ...command];
}

function ulimit(option: string, value: number, name: string): string {
  return step(`ulimit -${option} ${value}`, `limits.${name} cannot be set to ${value} here`);
}

function step(action: string, fault: string): string {
  return `${action} 2>/dev/null || { echo 'evergate: ${fault}' >&2; exit 126; }`;
}
