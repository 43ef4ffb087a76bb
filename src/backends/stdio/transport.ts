/** The stdio transport's front door: spawns a backend and gives its connection. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Directly, Ran, SpawnRecord } from '../backend.ts';
import { systemClock } from '../clock.ts';
import type { StdioConfig } from '../config/service-config.ts';
import { secretsOf } from '../secrets/hide.ts';
import type { Timers } from '../timers.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import type { Cgroup } from './cgroup.ts';
import { type DirectStartOptions, directStart } from './direct/direct-start.ts';
import { backendEnvironment, type Environment, treeCookie } from './environment.ts';
import { sealedStdio } from './inherited-files.ts';
import { readStat } from './kernel.ts';
import { prepareLaunch } from './launch-line.ts';
import type { LimitSettings } from './limits.ts';
import { groupTable, type ProcessTable, systemTable } from './process-table.ts';
import { ProcessTransport } from './process-transport.ts';
import { ProcessTree, treeClaim } from './process-tree.ts';
import { explainSpawnFailure } from './spawn-failure.ts';
import { type StderrOptions, StderrTail } from './stderr.ts';

export interface StdioOptions {
  /** Where allowed variables are taken from, such as `process.env`. */
  readonly environment: Environment;
  /** The data directory's own name, the first half of every cookie: see `findLeftovers`. No secret, no `/`. */
  readonly instance: string;
  /** Time between TERM and KILL in ms; default 5,000 (`stopGraceMs`). */
  readonly graceMs?: number;
  /** Time a backend gets to end by itself once its stdin has ended, before TERM. In ms; default 250. */
  readonly eofGraceMs?: number;
  /** Longest message taken from the backend; default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Bytes that may wait for a backend that does not read; default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** `secrets`: default those of the config. */
  readonly stderr?: Omit<StderrOptions, 'onLine'>;
  /** What no backend may exceed; default: nothing is limited. */
  readonly limits?: LimitSettings;
  /** Command line that is put before every command, such as that of a sandbox. */
  readonly wrapper?: readonly string[];
  /** Names of variables that pass from `environment` besides the usual ones. */
  readonly inheritedVariables?: readonly string[];
  /** Starting packages without their package manager; absent: never. */
  readonly directStart?: DirectStartOptions;
  readonly timers?: Timers;
  readonly table?: ProcessTable;
  /** Makes the second half of the cookie; random by default. */
  readonly treeId?: () => string;
}

export interface StdioConnection {
  readonly transport: Transport;
  readonly spawned: SpawnRecord;
  /** See `Connection`. */
  readonly ran: Ran | null;
  /** Last lines of stderr, bounded. */
  readonly stderrTail: readonly string[];
}

/**
 * Starts a backend's process, as the leader of its own session and process group, without a shell.
 * @param signal aborted before there is a process, none is begun
 * @throws {StartFailure} by rejection: there is no process; the message names the field and the remedy
 */
export async function spawnStdio(
  config: StdioConfig,
  options: StdioOptions,
  events: TransportEvents,
  directly: Directly | null = null,
  signal: AbortSignal | null = null,
): Promise<StdioConnection> {
  const treeId = (options.treeId ?? randomUUID)();
  const cookie = treeCookie(options.instance, treeId);
  const { environment, inheritedVariables } = options;
  const env = backendEnvironment(environment, config.env, cookie, process.platform, inheritedVariables);
  const { ran, ...run } = await whatToRun(config, env, options, directly);
  signal?.throwIfAborted();
  const { child, spawned, cgroup } = await start(run.config, { ...options, env: run.env, treeId });
  const stderr = new StderrTail({
    secrets: secretsOf(config),
    ...options.stderr,
    onLine: line => events.onStderr?.(line),
  });
  const timers = options.timers ?? systemClock;
  const table = options.table ?? systemTable ?? groupTable(spawned);
  const tree = new ProcessTree({ claim: treeClaim(spawned, cookie), table, timers });
  const transport = new ProcessTransport(child, {
    tree,
    stderr,
    events,
    timers,
    graceMs: options.graceMs ?? 5_000,
    eofGraceMs: options.eofGraceMs ?? 250,
    onEnded: () => cgroup?.remove(),
    maxMessageBytes: options.maxMessageBytes ?? 64 * MIB,
    maxQueuedBytes: options.maxQueuedBytes ?? 64 * MIB,
  });
  return {
    transport,
    spawned,
    ran,
    get stderrTail() {
      return stderr.lines;
    },
  };
}

/** A wrapper may see other files than the gateway, so it gets the config's own command. */
async function whatToRun(
  config: StdioConfig,
  env: Record<string, string>,
  { directStart: leave, wrapper = [] }: StdioOptions,
  directly: Directly | null,
): Promise<{ config: StdioConfig; env: Record<string, string>; ran: Ran | null }> {
  const asItIs = { config, env, ran: null };
  if (leave === undefined || directly === null || wrapper.length > 0) return asItIs;
  const found = await directStart(config, env, directly, leave);
  if (found === null) return asItIs;
  const [command = '', ...args] = found.line;
  return { config: { ...config, command, args }, env: found.env, ran: found.ran };
}

const MIB = 1_048_576;

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly spawned: SpawnRecord;
  readonly cgroup: Cgroup | null;
}

interface Surroundings extends Pick<StdioOptions, 'limits' | 'wrapper'> {
  readonly env: Record<string, string>;
  readonly treeId: string;
}

async function start(config: StdioConfig, around: Surroundings): Promise<Started> {
  const launch = prepareLaunch(config, around);
  try {
    return { ...(await startProcess(config, launch.line, around.env)), cgroup: launch.cgroup };
  } catch (error) {
    launch.cgroup?.remove();
    throw error;
  }
}

async function startProcess(
  config: StdioConfig,
  line: readonly string[],
  env: Record<string, string>,
): Promise<Omit<Started, 'cgroup'>> {
  const child = trySpawn(config, line, env);
  const { pid } = child;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw explainSpawnFailure(error, config);
  }
  try {
    // The process cannot have been reaped in this turn: if there is a /proc, it is in it.
    return { child, spawned: { pid, pgid: pid, startTicks: readStat(pid)?.startTicks ?? 0 } };
  } catch (error) {
    process.kill(-pid, 'SIGKILL');
    throw explainSpawnFailure(error, config);
  }
}

function trySpawn(
  config: StdioConfig,
  [program = '', ...args]: readonly string[],
  env: Record<string, string>,
): ChildProcessWithoutNullStreams {
  try {
    return spawn(program, args, {
      cwd: config.cwd ?? undefined,
      env,
      detached: true,
      shell: false,
      stdio: sealedStdio(),
      windowsHide: true,
    }) as ChildProcessWithoutNullStreams; // its first three are pipes
  } catch (error) {
    throw explainSpawnFailure(error, config);
  }
}
