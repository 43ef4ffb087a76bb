/** Real stdio backends for tests, with a guarantee: what a test spawned is gone when it is over. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, expect } from 'vitest';
import type { SpawnRecord } from '../../src/backends/backend.ts';
import type { StdioConfig } from '../../src/backends/config/service-config.ts';
import { readStat } from '../../src/backends/stdio/kernel.ts';
import { findLeftovers, type LeftoverOptions } from '../../src/backends/stdio/leftovers.ts';
import { type StdioConnection, type StdioOptions, spawnStdio } from '../../src/backends/stdio/transport.ts';

/** Finds what an earlier life left, and ends it. */
export async function endLeftovers(records: readonly SpawnRecord[], options: LeftoverOptions) {
  const leftovers = await findLeftovers(records, options);
  return leftovers.end();
}

const TINY_SERVER = fileURLToPath(new URL('../fixtures/tiny-server.mjs', import.meta.url));

export interface Backend extends StdioConnection {
  readonly messages: string[];
  readonly oversized: { bytes: number; head: string }[];
  /** Lines of stderr. */
  readonly complaints: string[];
  /** How often anything was heard of the backend. */
  activity(): number;
  /** The first message, present or to come, of which `matches` is true. */
  message(matches: (text: string) => boolean): Promise<string>;
  /** Calls a tool; resolves with the response as it was read. */
  call(tool: string, args?: object): Promise<CallResult>;
}

interface CallResult {
  readonly id: number;
  readonly result: { readonly content: readonly [{ readonly text: string }] };
}

export interface Backends {
  readonly instance: string;
  /** Runs a program. */
  run(command: string, args?: readonly string[], more?: More): Promise<Backend>;
  /** Runs the tiny MCP server with flags. */
  tiny(flags?: readonly string[], more?: More): Promise<Backend>;
}

type More = Partial<StdioOptions> & Partial<Pick<StdioConfig, 'env' | 'cwd'>>;

/** Gives a test file its backends; after each test they are closed, and nothing of them may be left. */
export function useBackends(): Backends {
  const instance = randomUUID();
  const open: StdioConnection[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ transport }) => transport.close()));
    expect(await endLeftovers([], { instance, graceMs: 0 })).toEqual([]);
  });
  const run = async (command: string, args: readonly string[] = [], more: More = {}) => {
    const { env = {}, cwd = null, ...options } = more;
    const config: StdioConfig = { kind: 'stdio', command, args, env, cwd };
    const { backend, events } = listen();
    const defaults = { environment: process.env, instance, graceMs: 100, eofGraceMs: 50 };
    const connection = await spawnStdio(config, { ...defaults, ...options }, events);
    open.push(connection);
    return Object.assign(connection, backend(connection));
  };
  return { instance, run, tiny: (flags = [], more) => run(process.execPath, [TINY_SERVER, ...flags], more) };
}

function listen() {
  const messages: string[] = [];
  const oversized: { bytes: number; head: string }[] = [];
  const complaints: string[] = [];
  const waiting = new Set<() => void>();
  let activity = 0;
  const events = {
    onMessage(text: string) {
      messages.push(text);
      for (const look of waiting) look();
    },
    onOversized: (bytes: number, head: string) => void oversized.push({ bytes, head }),
    onActivity: () => void activity++,
    onStderr: (line: string) => void complaints.push(line),
  };
  const message = (matches: (text: string) => boolean) =>
    new Promise<string>(resolve => {
      const look = () => {
        const found = messages.find(matches);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  let lastId = 0;
  const backend = ({ transport }: StdioConnection) => ({
    messages,
    oversized,
    complaints,
    message,
    activity: () => activity,
    async call(name: string, args = {}): Promise<CallResult> {
      const id = ++lastId;
      transport.send(
        JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }),
      );
      return JSON.parse(await message(text => text.includes(`"id":${id},`)));
    },
  });
  return { backend, events };
}

/** Whether a process is there and not just waiting to be reaped. */
export function isRunning(pid: number): boolean {
  return readStat(pid)?.dead === false;
}

/** Reads the pid a tool or a script printed. */
export function pidIn(text: string): number {
  const pid = Number(/\d+/.exec(text)?.[0]);
  expect(isRunning(pid)).toBe(true);
  return pid;
}

/** Timers that are due at once, for waits whose length is not what is tested. */
export const hastyTimers = {
  setTimeout: (callback: () => void) => setTimeout(callback, 0),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};
