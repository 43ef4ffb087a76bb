/** Backends that start, fail, linger and die when a test says so. */
import type { SimulatedClock } from 'xstate';
import { AskFailure } from '../../src/backends/ask.ts';
import type {
  Handshake,
  Lane,
  LaunchRequest,
  LossReason,
  Ran,
  SpawnRecord,
} from '../../src/backends/backend.ts';
import { ToolChanges, type ToolListener } from '../../src/backends/multiplexer/tool-changes.ts';
import type { RpcError } from '../../src/backends/rpc/json-rpc.ts';
import { type Deferred, deferred } from './deferred.ts';

const HANDSHAKE: Handshake = {
  era: 'legacy',
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'fake', version: '1' },
};

export class StageLane implements Lane {
  readonly handshake: Handshake;
  stderrTail: readonly string[] = [];
  openSessions = 0;
  readonly probes: Deferred<void>[] = [];
  /** Its process tree's end; a test that sets `lingers` brings it about. */
  readonly gone = deferred<void>();
  lingers = false;
  closes = 0;
  load = 0;
  inFlight = 0;
  /** Names of its tools; null: it does not answer. */
  tools: readonly string[] | 'refused' | null = [];
  /** Resolves when it gets round to listing them. */
  listing: Promise<void> = Promise.resolve();
  readonly toolChanges = new ToolChanges();
  readonly questions: string[] = [];
  readonly #loss = deferred<LossReason>();

  constructor(
    readonly generation: number,
    readonly spawned: SpawnRecord | null,
    public lastSignOfLifeAt: number,
    public lastUsedAt = lastSignOfLifeAt,
    said: Partial<Handshake> = {},
  ) {
    this.handshake = { ...HANDSHAKE, ...said };
  }

  get lost(): Promise<LossReason> {
    return this.#loss.promise;
  }

  lose(message = 'it exited'): void {
    this.#loss.resolve({ message, exitCode: 1, signal: null });
  }

  open(): never {
    throw new Error('no session is opened on this stage');
  }

  get toolListRevision(): number {
    return this.toolChanges.revision;
  }

  onToolsChanged(listener: ToolListener): () => void {
    return this.toolChanges.listen(listener);
  }

  async ask(method: string): Promise<{ result?: unknown; error?: RpcError }> {
    this.questions.push(method);
    await this.listing;
    if (this.tools === null)
      throw new AskFailure({ kind: 'timeout', reason: 'no answer in time', delivered: true });
    if (this.tools === 'refused') return { error: { code: -32603, message: 'not now' } };
    return { result: { tools: this.tools.map(name => ({ name, inputSchema: { type: 'object' } })) } };
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
    return this.request.onSpawned(this.process, null);
  }

  /** @param said what differs in its handshake @param ran what was really run */
  succeed(said?: Partial<Handshake>, ran: Ran | null = null): StageLane {
    this.request.onLaunched?.({ ran });
    const now = this.clock.now();
    const lane = new StageLane(this.request.generation, this.process, now, now, said);
    this.#done.resolve(lane);
    return lane;
  }

  fail(reason: string | Error = 'command not found'): void {
    this.#done.reject(typeof reason === 'string' ? new Error(reason) : reason);
  }
}
