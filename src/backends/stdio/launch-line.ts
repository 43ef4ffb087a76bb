/** The command line a backend is really started with: its limits, then the operator's wrapper, then its own command. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { StartFailure } from '../backend.ts';
import type { StdioConfig } from '../config/service-config.ts';
import { type Cgroup, makeCgroup } from './cgroup.ts';
import { type LimitSettings, limitedLine, limitProblem, limitsFor, UNLIMITED } from './limits.ts';
import { explainSpawnFailure } from './spawn-failure.ts';

export interface LaunchOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Names the backend's cgroup. */
  readonly treeId: string;
  readonly limits?: LimitSettings;
  readonly wrapper?: readonly string[];
}

export interface Launch {
  readonly line: readonly string[];
  /** To be removed when the tree is gone; null: none was needed. */
  readonly cgroup: Cgroup | null;
}

/** @throws {StartFailure} a limit cannot be kept here, or there is no such program */
export function prepareLaunch(config: StdioConfig, options: LaunchOptions): Launch {
  const { env, treeId, limits: settings = UNLIMITED, wrapper = [] } = options;
  const [wrapping] = wrapper;
  const own = [config.command, ...config.args];
  const limits = limitsFor(config.limits, settings);
  const problem = limitProblem(limits, settings);
  if (problem !== null) throw new StartFailure(`${problem.field} ${problem.text}`);
  const { cgroupRoot } = settings;
  const needsCgroup = limits.memoryBytes !== null || limits.cpuPercent !== null;
  const cgroup = cgroupRoot !== null && needsCgroup ? makeCgroup(cgroupRoot, treeId, limits) : null;
  const line = limitedLine([...wrapper, ...own], limits, cgroup?.path ?? null);
  // Whoever execs the program in our place would report a missing one in words of its own.
  if (line.length > own.length) requireProgram(wrapping, config, env);
  return { line, cgroup };
}

function requireProgram(wrapping: string | undefined, config: StdioConfig, env: LaunchOptions['env']): void {
  const program = wrapping ?? config.command;
  const fault = faultOf(program, config.cwd, env.PATH);
  if (fault === null) return;
  if (wrapping === undefined) throw explainSpawnFailure(Object.assign(new Error(), { code: fault }), config);
  throw new StartFailure(
    `spawnWrapper: ${JSON.stringify(wrapping)} cannot be run (${fault}); install it or correct the setting`,
  );
}

/** Error code with which an exec of the program would fail; null: it would not. */
function faultOf(program: string, cwd: string | null, path = ''): string | null {
  const places = program.includes('/') ? [''] : path.split(delimiter).filter(place => place !== '');
  let fault = 'ENOENT';
  for (const place of places) {
    const found = look(resolve(cwd ?? '.', place, program));
    if (found === null) return null;
    if (found !== 'ENOENT') fault = found;
  }
  return fault;
}

function look(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return 'EACCES';
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'ENOENT';
  }
}
