/** Backends that start, fail, hang, answer, fall silent and die as a test says; they count what is alive. */
import type fc from 'fast-check';
import {
  type BackendLauncher,
  type Lane,
  type LaunchRequest,
  type LossReason,
  type SpawnRecord,
  StartFailure,
} from '../../src/backends/backend.ts';
import type { Clock } from '../../src/backends/clock.ts';
import { ToolChanges, type ToolListener } from '../../src/backends/multiplexer/tool-changes.ts';

/** How the next start goes. */
export type Fate = 'succeeds' | 'fails' | 'hangs' | 'spawns, then fails' | 'spawns, then hangs';

/** One process tree that is alive. */
interface Tree extends SpawnRecord {
  readonly id: string;
  readonly life: number;
  recorded: boolean;
}

/** What the backend of a start offers: some of it always, some every other time, some never again. */
export const toolsOf = (generation: number): readonly string[] => [
  'every',
  generation % 2 === 0 ? 'even' : 'odd',
  `start ${generation}`,
];

class FakeLane implements Lane {
  readonly handshake = {
    era: 'legacy' as const,
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'fake', version: '1' },
  };
  readonly stderrTail = [];
  readonly toolChanges = new ToolChanges();
  readonly lost: Promise<LossReason>;
  lastSignOfLifeAt: number;
  lastUsedAt: number;
  load = 0;
  inFlight = 0;
  readonly openSessions = 0;
  silent = false;
  lose: (reason: LossReason) => void = () => {};

  constructor(
    readonly backends: FakeBackends,
    readonly generation: number,
    readonly tree: Tree,
  ) {
    this.lastSignOfLifeAt = backends.clock.now();
    this.lastUsedAt = backends.clock.now();
    this.lost = new Promise(resolve => {
      this.lose = resolve;
    });
  }

  get spawned(): SpawnRecord {
    return this.tree;
  }

  open(): never {
    throw new Error('no sessions in this world');
  }

  get toolListRevision(): number {
    return this.toolChanges.revision;
  }

  onToolsChanged(listener: ToolListener): () => void {
    return this.toolChanges.listen(listener);
  }

  /** The tools are those of the start: whoever keeps them must keep them apart by it. */
  async ask(): Promise<{ result: unknown }> {
    await this.backends.scheduler.schedule(Promise.resolve(), `tools of ${this.tree.id}`);
    return { result: { tools: toolsOf(this.generation).map(name => ({ name })) } };
  }

  async probe(timeoutMs: number): Promise<void> {
    const { scheduler, clock } = this.backends;
    const timedOut = new Promise<never>((_resolve, reject) => {
      clock.setTimeout(() => reject(new Error(`no answer to ping within ${timeoutMs} ms`)), timeoutMs);
    });
    await Promise.race([scheduler.schedule(Promise.resolve(), `probe ${this.tree.id}`), timedOut]);
    if (this.silent) throw new Error('no answer to ping');
    this.lastSignOfLifeAt = clock.now();
  }

  async close(): Promise<void> {
    const { backends, tree, generation } = this;
    const { records } = backends;
    const isFirst = !tree.id.includes('#');
    if (
      tree.life === backends.life &&
      isFirst &&
      records.isServing(tree.id) &&
      records.generationOf(tree.id) === generation
    )
      backends.violated(`invariant 7: the backend of ${tree.id} is torn down before the record of it`);
    await backends.end(tree);
  }
}

/** What the log holds, by service or by the place of a lane of one. */
interface Records {
  /** The spawn of this process is in it. */
  isRecorded(id: string, pid: number): boolean;
  /** Number of the last start that is in it. */
  generationOf(id: string): number;
  /** The service is ready by it. */
  isServing(id: string): boolean;
}

export class FakeBackends {
  readonly fates: Fate[] = [];
  readonly lanes: FakeLane[] = [];
  readonly alive = new Set<Tree>();
  /** The life of the gateway that can act; null while there is none. */
  life: number | null = 0;
  /** Starts under way, by service. */
  readonly #starting = new Map<string, number>();
  #pid = 100;

  constructor(
    readonly scheduler: fc.Scheduler,
    readonly clock: Clock,
    readonly violated: (what: string) => void,
    readonly records: Records,
  ) {}

  get starting(): number {
    return [...this.#starting.values()].reduce((sum, count) => sum + count, 0);
  }

  launcher(life: number): BackendLauncher {
    return { launch: request => this.#launch(request, life) };
  }

  /** What boot does: processes on record, and those that carry this gateway's mark, are ended. */
  endLeftovers(recorded: readonly SpawnRecord[]): void {
    for (const tree of this.alive) {
      const known = recorded.some(
        ({ pid, startTicks }) => pid === tree.pid && startTicks === tree.startTicks,
      );
      if (known || !tree.recorded) this.alive.delete(tree);
    }
    for (const { id } of this.alive) this.violated(`invariant 9: a process of ${id} outlived the boot`);
    this.#starting.clear();
  }

  /** What a gateway that is dead would still do does not happen. */
  async end(tree: Tree): Promise<void> {
    if (tree.life !== this.life) return new Promise(() => {});
    await this.scheduler.schedule(Promise.resolve(), `end of ${tree.id}`);
    this.alive.delete(tree);
  }

  async #launch(request: LaunchRequest, life: number): Promise<Lane> {
    const { id } = request;
    if (life !== this.life) return new Promise(() => {}); // that gateway is dead
    if (request.generation > this.records.generationOf(id))
      this.violated(`invariant 7: start ${request.generation} of ${id} begins before its record`);
    const under = (this.#starting.get(id) ?? 0) + 1;
    this.#starting.set(id, under);
    if (under > 1) this.violated(`invariant 1: ${under} starts of ${id} at once`);
    try {
      return await this.#start(request, life, this.fates.shift() ?? 'succeeds');
    } finally {
      if (life === this.life) this.#starting.set(id, (this.#starting.get(id) ?? 1) - 1);
    }
  }

  async #start(request: LaunchRequest, life: number, fate: Fate): Promise<Lane> {
    const { signal, id, generation } = request;
    await this.scheduler.schedule(Promise.resolve(), `spawn of ${id}`);
    if (fate === 'fails') throw new StartFailure('command not found');
    if (fate === 'hangs') await this.#hang(request);
    signal.throwIfAborted();
    if (life !== this.life) return new Promise(() => {});
    const tree = this.#spawn(id, life);
    try {
      await Promise.race([request.onSpawned({ ...tree }, null), aborted(signal)]);
      tree.recorded = true;
      if (!this.records.isRecorded(id, tree.pid))
        this.violated(`invariant 7: a process of ${id} is used before its record`);
      await this.scheduler.schedule(Promise.resolve(), `handshake of ${id}`);
      if (fate === 'spawns, then fails') throw new StartFailure('it printed garbage');
      if (fate === 'spawns, then hangs') await this.#hang(request);
      signal.throwIfAborted();
    } catch (error) {
      await this.end(tree);
      throw error;
    }
    const lane = new FakeLane(this, generation, tree);
    this.lanes.push(lane);
    return lane;
  }

  /** Nothing moves until the start is aborted or its time is over. */
  async #hang({ signal, startTimeoutMs }: LaunchRequest): Promise<never> {
    const timedOut = new Promise<never>((_resolve, reject) => {
      this.clock.setTimeout(() => reject(new StartFailure('no answer to initialize')), startTimeoutMs);
    });
    return Promise.race([timedOut, aborted(signal)]);
  }

  #spawn(id: string, life: number): Tree {
    const pid = this.#pid++;
    for (const tree of this.alive) {
      if (tree.id === id) this.violated(`invariant 2: ${id} has a second process tree`);
    }
    const tree: Tree = { pid, pgid: pid, startTicks: pid * 7, id, life, recorded: false };
    this.alive.add(tree);
    return tree;
  }

  /** The newest lane of a service dies by itself. */
  kill(id: string): void {
    const lane = this.lanes.findLast(({ tree }) => tree.id === id);
    if (lane) lane.lose({ message: 'it exited with code 1', exitCode: 1, signal: null });
  }

  /** The newest lane of a service stops, or starts again, to answer probes. */
  silence(id: string, silent: boolean): void {
    const lane = this.lanes.findLast(({ tree }) => tree.id === id);
    if (lane) lane.silent = silent;
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
