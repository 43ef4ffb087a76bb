/** Backends that start, fail, linger and die when a test says so. */
import type { SimulatedClock } from 'xstate';
import type { Handshake, Lane, LaunchRequest, LossReason, SpawnRecord } from '../../src/backends/backend.ts';
import { type Deferred, deferred } from './deferred.ts';

export class StageLane implements Lane {
  readonly handshake: Handshake = {
    era: 'legacy' as const,
    protocolVersion: '2025-11-25',
    capabilities: {},
    serverInfo: { name: 'fake', version: '1' },
  };
  stderrTail: readonly string[] = [];
  openSessions = 0;
  readonly probes: Deferred<void>[] = [];
  /** Its process tree's end; a test that sets `lingers` brings it about. */
  readonly gone = deferred<void>();
  lingers = false;
  closes = 0;
  load = 0;
  inFlight = 0;
  readonly toolListRevision = 0;
  readonly #loss = deferred<LossReason>();

  constructor(
    readonly generation: number,
    readonly spawned: SpawnRecord | null,
    public lastSignOfLifeAt: number,
    public lastUsedAt = lastSignOfLifeAt,
  ) {}

  get lost(): Promise<LossReason> {
    return this.#loss.promise;
  }

  lose(message = 'it exited'): void {
    this.#loss.resolve({ message, exitCode: 1, signal: null });
  }

  open(): never {
    throw new Error('no session is opened on this stage');
  }

  async ask() {
    return {};
  }

  probe(): Promise<void> {
    const probe = deferred<void>();
    this.probes.push(probe);
    return probe.promise;
  }

  close(): Promise<void> {
    this.closes++;
    if (!this.lingers) this.gone.resolve();
    return this.gone.promise;
  }
}

/** One start under way. Aborted, it fails at once unless it `lingers`. */
export class StageStart {
  readonly #done = deferred<Lane>();
  lingers = false;
  process: SpawnRecord | null = null;

  constructor(
    readonly request: LaunchRequest,
    readonly clock: SimulatedClock,
  ) {
    request.signal.addEventListener('abort', () => this.lingers || this.fail('cancelled'));
  }

  get lane(): Promise<Lane> {
    return this.#done.promise;
  }

  get aborted(): boolean {
    return this.request.signal.aborted;
  }

  /** The process exists; resolves when it may be used. */
  spawn(pid = 100 + this.request.generation): Promise<void> {
    this.process = { pid, pgid: pid, startTicks: pid * 7 };
    return this.request.onSpawned(this.process);
  }

  succeed(): StageLane {
    const lane = new StageLane(this.request.generation, this.process, this.clock.now());
    this.#done.resolve(lane);
    return lane;
  }

  fail(reason: string | Error = 'command not found'): void {
    this.#done.reject(typeof reason === 'string' ? new Error(reason) : reason);
  }
}
