import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A `store-child` process and the lines it printed. */
export interface StoreChild {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Resolves with the first line that fits, past or future; rejects when the process ends without it. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Ends the process with SIGKILL; resolves when it is gone and all it printed was read. */
  kill(): Promise<void>;
  /** Resolves when the process is gone and all it printed was read. */
  readonly gone: Promise<void>;
}

/**
 * @param fileSizeKiB limit of what the process may write into one file (`ulimit -S -f`)
 * @param script file of this folder
 */
export function spawnStore(
  args: readonly string[],
  fileSizeKiB?: number,
  script = 'store-child.ts',
): StoreChild {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const argv = [process.execPath, '--import', 'tsx', path, ...args];
  const limited = fileSizeKiB === undefined ? 'exec "$@"' : `ulimit -S -f ${fileSizeKiB}; exec "$@"`;
  const child = spawn('bash', ['-c', limited, 'bash', ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const look of waiting) look();
  });
  const gone = once(child, 'close').then(() => {
    ended = true;
    for (const look of waiting) look();
  });
  return {
    process: child,
    lines,
    gone,
    line: fits =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(fits);
          if (found === undefined && !ended) return;
          waiting.delete(look);
          if (found === undefined)
            reject(new Error(`the process ended having printed ${lines.length} lines`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
