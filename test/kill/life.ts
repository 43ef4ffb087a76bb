/** One life of the gateway: from its start to its end, by its own hand at a point, or by ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { killableArgv } from '../support/gateway-build.ts';

const LISTENS = /^Evergate listens on (\S+)$/m;

/** Everything goes fast, so that much happens in a short life. */
const FLAGS = [
  ...['--port', '0', '--log-level', 'warn'],
  ...['--stop-grace-ms', '300', '--drain-grace-ms', '300'],
  ...['--restart-cooldown-max-ms', '400', '--stable-after-ms', '300'],
  ...['--keep-alive-ms', '30', '--stream-retry-ms', '20'],
  ...['--max-concurrent-starts', '2', '--pending-wait-ms', '2000'],
  ...['--log-max-records', '1000'],
];

export interface LifeOptions {
  /** Directory of the compiled gateway. */
  readonly build: string;
  readonly dataDir: string;
  /** Where its points are traced. */
  readonly trace: string;
  readonly cooldownMs: number;
  /** Name of the point at which it ends itself, and which passing of it; null: it does not. */
  readonly at: string | null;
  /** Passings count from `arm` on, not from the first moment. */
  readonly later: boolean;
}

export class Life {
  readonly process: ChildProcess;
  /** Where it listens; null when it ended before. */
  readonly up: Promise<string | null>;
  readonly ended: Promise<void>;
  readonly #trace: string;
  #log = '';

  constructor({ build, dataDir, trace, cooldownMs, at, later }: LifeOptions) {
    rmSync(trace, { force: true });
    this.#trace = trace;
    const own = ['--data-dir', dataDir, '--restart-cooldown-ms', `${cooldownMs}`];
    const env = {
      ...process.env,
      KILL_POINT_TRACE: trace,
      ...(at !== null && { KILL_POINT_AT: at }),
      ...(later && { KILL_POINT_FROM: 'signal' }),
    };
    const child = spawn(process.execPath, [...killableArgv(build), ...FLAGS, ...own], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    child.stderr.setEncoding('utf8').on('data', text => {
      this.#log += text;
    });
    this.ended = once(child, 'close').then(() => {});
    this.up = new Promise(resolve => {
      let out = '';
      child.stdout.setEncoding('utf8').on('data', text => {
        out += text;
        const [, url] = LISTENS.exec(out) ?? [];
        if (url !== undefined) resolve(url);
      });
      void this.ended.then(() => resolve(null));
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What it logged, warnings and worse. */
  get log(): string {
    return this.#log;
  }

  /** It ended by the signal that was meant, not by a fault or an exit of its own. */
  get wasKilled(): boolean {
    return this.process.signalCode === 'SIGKILL';
  }

  /** The points it passed, in order. */
  get passed(): string[] {
    return readFileSync(this.#trace, 'utf8').split('\n').slice(0, -1);
  }

  arm(): void {
    this.process.kill('SIGCONT');
  }

  /** It is asked to stop. */
  stop(): void {
    this.process.kill('SIGTERM');
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}
