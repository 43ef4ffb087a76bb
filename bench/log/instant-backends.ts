/** Backends that start at once, without a process: what is measured is the gateway's own part. */
import {
  type BackendLauncher,
  type Lane,
  type LaunchRequest,
  type LossReason,
  StartFailure,
} from '../../src/backends/backend.ts';

export class InstantLane implements Lane {
  readonly handshake = {
    era: 'legacy' as const,
    protocolVersion: '2025-11-25',
    capabilities: {},
    serverInfo: { name: 'instant', version: '1.0.0' },
  };
  readonly spawned = null;
  readonly stderrTail = [];
  readonly load = 0;
  readonly inFlight = 0;
  readonly openSessions = 0;
  readonly toolListRevision = 0;
  readonly lastSignOfLifeAt = Date.now();
  readonly lastUsedAt = Date.now();
  readonly lost: Promise<LossReason>;
  #lose: (reason: LossReason) => void = () => {};

  constructor(readonly generation: number) {
    this.lost = new Promise(resolve => {
      this.#lose = resolve;
    });
  }

  lose(): void {
    this.#lose({ message: 'it exited with code 1', exitCode: 1, signal: null });
  }

  onToolsChanged() {
    return () => {};
  }

  open(): never {
    throw new Error('nobody opens a session here');
  }

  async ask() {
    return {};
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {}
}

/** @param fails whether this start fails */
export function instantBackends(fails: (request: LaunchRequest) => boolean): BackendLauncher {
  let pid = 100_000;
  return {
    launch: async request => {
      pid++;
      await request.onSpawned({ pid, pgid: pid, startTicks: pid }, null);
      if (fails(request)) throw new StartFailure('command not found');
      return new InstantLane(request.generation);
    },
  };
}
