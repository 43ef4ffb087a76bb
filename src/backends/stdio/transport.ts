/** The stdio transport's front door: spawns a backend and gives its connection. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { SpawnRecord } from '../backend.ts';
import { systemClock } from '../clock.ts';
import type { StdioConfig } from '../config/service-config.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import { backendEnvironment, type Environment, treeCookie } from './environment.ts';
import { sealedStdio } from './inherited-files.ts';
import { readStat } from './kernel.ts';
import { groupTable, type ProcessTable, systemTable } from './process-table.ts';
import { ProcessTransport } from './process-transport.ts';
import { ProcessTree, treeClaim } from './process-tree.ts';
import { explainSpawnFailure } from './spawn-failure.ts';
import { type StderrOptions, StderrTail } from './stderr.ts';
import type { Timers } from './timers.ts';

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
  readonly stderr?: Pick<StderrOptions, 'maxLines' | 'maxLineChars' | 'onLine'>;
  readonly timers?: Timers;
  readonly table?: ProcessTable;
  /** Makes the second half of the cookie; random by default. */
  readonly treeId?: () => string;
}

export interface StdioConnection {
  readonly transport: Transport;
  readonly spawned: SpawnRecord;
  /** Last lines of stderr, bounded. */
  readonly stderrTail: readonly string[];
}

/**
 * Starts a backend's process, as the leader of its own session and process group, without a shell.
 * @throws {StartFailure} by rejection: there is no process; the message names the field and the remedy
 */
export async function spawnStdio(
  config: StdioConfig,
  options: StdioOptions,
  events: TransportEvents,
): Promise<StdioConnection> {
  const cookie = treeCookie(options.instance, (options.treeId ?? randomUUID)());
  const env = backendEnvironment(options.environment, config.env, cookie, process.platform);
  const { child, spawned } = await start(config, env);
  const stderr = new StderrTail({ ...options.stderr, secrets: Object.values(config.env) });
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
    maxMessageBytes: options.maxMessageBytes ?? 64 * MIB,
    maxQueuedBytes: options.maxQueuedBytes ?? 64 * MIB,
  });
  return {
    transport,
    spawned,
    get stderrTail() {
      return stderr.lines;
    },
  };
}

const MIB = 1_048_576;

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly spawned: SpawnRecord;
}

async function start(config: StdioConfig, env: Record<string, string>): Promise<Started> {
  const child = trySpawn(config, env);
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

function trySpawn(config: StdioConfig, env: Record<string, string>): ChildProcessWithoutNullStreams {
  try {
    return spawn(config.command, config.args, {
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
