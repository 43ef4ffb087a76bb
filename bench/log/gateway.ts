/** A gateway of the built package, as its users run it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { memoryOf, type ProcessMemory } from './process-memory.ts';

export const ROOT = new URL('../..', import.meta.url).pathname;
const CLI = `${ROOT}dist/cli.js`;
const LISTENS = /^Evergate listens on (\S+)$/m;

export interface BenchGateway {
  readonly url: string;
  readonly pid: number;
  /** From its spawn to the line that says where it listens, in ms. */
  readonly bootMs: number;
  memory(): ProcessMemory;
  /** Ends it with a signal; resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Builds the package. @throws {Error} it does not compile */
export function build(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** @param flags such as `--warmup lazy` @throws {Error} it ended before it listened */
export async function startBenchGateway(dataDir: string, ...flags: string[]): Promise<BenchGateway> {
  const argv = [CLI, '--port', '0', '--data-dir', dataDir, '--log-level', 'warn', ...flags];
  const since = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await listening(child);
  const bootMs = performance.now() - since;
  const { pid = 0 } = child;
  return {
    url,
    pid,
    bootMs,
    memory: () => memoryOf(pid),
    end: async signal => {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

/** Runs a command of the built package and returns the last line it printed. @throws {Error} it failed */
export async function runCli(...argv: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`evergate ${argv.join(' ')} ended with ${code}: ${out}`);
  return out.trimEnd().split('\n').at(-1) ?? '';
}

function listening(child: ChildProcess): Promise<string> {
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', text => {
      out += text;
      const [, url] = LISTENS.exec(out) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', code => reject(new Error(`the gateway ended with ${code} before it listened`)));
  });
}
