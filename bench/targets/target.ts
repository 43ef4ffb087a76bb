/** What is measured: a gateway in front of the echo backend, each as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Target {
  readonly name: string;
  readonly kind: 'ours' | 'reference' | 'peer';
  /** Starts it. @throws {Error} it does not listen */
  start(): Promise<RunningTarget>;
}

export interface RunningTarget {
  /** null: there is no gateway, calls go to the backend directly. */
  readonly pid: number | null;
  /** Endpoints of the fronts it has. */
  readonly streamable?: string;
  readonly httpSse?: string;
  /** Sent with every request, as lines that end with CRLF. */
  readonly headers: string;
  /** What it calls a tool of the backend. */
  rename(tool: string): string;
  stop(): Promise<void>;
}

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const ROOT = fileOf('../../');

/** The backend's command. */
export const BACKEND: readonly string[] = [process.execPath, fileOf('../backend/echo.mjs')];

/** Longest time until a gateway listens, in ms. */
export const LISTEN_MS = 30_000;
/** Time between TERM and KILL, in ms. */
const GRACE_MS = 5_000;

export interface Started {
  readonly pid: number;
  /** From the spawn to the line that says where it listens, in ms. */
  readonly bootMs: number;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Node program that says on stdout where it listens.
 * @param says finds the URL in what it prints
 * @throws {Error} it ended before it listened, or takes too long
 */
export async function startListening(argv: readonly string[], says: RegExp): Promise<Started> {
  const since = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'], cwd: ROOT });
  const url = await urlOf(child, says, argv.join(' '));
  return { pid: child.pid ?? 0, bootMs: performance.now() - since, url, stop: () => endProcess(child) };
}

function urlOf(child: ChildProcess, says: RegExp, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} does not listen`)), LISTEN_MS);
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out = (out + chunk.toString()).slice(-10_000);
      const [, url] = says.exec(out) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', code => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${code}: ${out}`));
    });
  });
}

/** Ends a process; what it started ends with it. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exited;
  clearTimeout(timer);
}
