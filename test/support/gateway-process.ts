/** The gateway as a process of its own, as its users run it: started, killed, started again over the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayArgv } from './gateway-build.ts';

const LISTENS = /^Evergate listens on (\S+)$/m;
const ROOT = new URL('../..', import.meta.url).pathname;

export interface RunningGateway {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has logged so far, as text. */
  readonly log: () => string;
  /** Ends it with a signal and resolves with its exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A data directory of its own, gone after the test. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'evergate-test-'));
}

export const removeDirectory = (path: string) => rmSync(path, { recursive: true, force: true });

/** Starts `evergate serve` on a free port. @param flags such as `--restart-cooldown-ms 500` */
export function startGateway(dataDir: string, ...flags: string[]): Promise<RunningGateway> {
  return startGatewayWith({}, dataDir, ...flags);
}

/** `startGateway`, with variables besides those of the tests. */
export async function startGatewayWith(
  variables: Readonly<Record<string, string>>,
  dataDir: string,
  ...flags: string[]
): Promise<RunningGateway> {
  const argv = [...gatewayArgv(), '--port', '0', '--data-dir', dataDir, ...flags];
  const child = spawn(process.execPath, argv, {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let log = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    log += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text;
      const [, address] = LISTENS.exec(out) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', code => reject(new Error(`the gateway ended with ${code}: ${log}`)));
  });
  return {
    url,
    process: child,
    log: () => log,
    end: async signal => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}
