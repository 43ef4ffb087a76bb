/** A registry on a simulated clock and a log in memory, over backends that a test steers by hand. */
import { SimulatedClock } from 'xstate';
import { type BootReport, boot } from '../../src/actors/boot.ts';
import { Refusal } from '../../src/actors/refusal.ts';
import { Registry } from '../../src/actors/registry.ts';
import type { RegistrySettings } from '../../src/actors/registry-options.ts';
import { toDurable } from '../../src/actors/replay.ts';
import type { Demand, ServiceType, StartOrder } from '../../src/actors/services.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import type { Lane, LaunchRequest, SpawnRecord } from '../../src/backends/backend.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';
import { StorageError } from '../../src/store/errors.ts';
import type { DurableState, EventLog } from '../../src/store/event-log.ts';
import { InProcessOwnership } from '../../src/store/in-process-ownership.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { policy } from './machine-fixtures.ts';
import { type StageLane, StageStart } from './stage-backends.ts';

export const settings: RegistrySettings = {
  policy,
  pendingWaitMs: 20_000,
  maxHeldRequests: 50,
  healthTtlMs: 5000,
  startTimeoutMs: 10_000,
  startTimeoutMinMs: 1_000,
  startTimeoutMaxMs: 100_000,
  probeIntervalMs: 20_000,
  probeTimeoutMs: 1000,
  oneShotIdleMs: 300_000,
  persistentIdleMs: 0,
  maxLanesPerService: 8,
  laneIdleMs: 300_000,
  requestTimeoutMs: 60_000,
  maxToolListBytes: 4096,
};

function config(command = 'server'): ServiceConfig {
  const common = { name: null, isolation: 'auto', startTimeoutMs: null, requestTimeoutMs: null } as const;
  const tools = { allow: null, deny: [] };
  return { kind: 'stdio', command, args: [], env: {}, cwd: null, ...common, tools, idleTimeoutMs: null };
}

export const order = (type: ServiceType, command?: string): StartOrder => ({ type, config: config(command) });

/** A request without a config, with the default patience, whose client stays on the line. */
export const demand = (changes: Partial<Demand> = {}): Demand => ({
  order: null,
  waitMs: null,
  signal: new AbortController().signal,
  ...changes,
});

/** What came of an admission, however it answered. */
export async function outcome(admit: () => Lane | Promise<Lane>): Promise<Lane | Refusal> {
  try {
    return await admit();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The refusal's code, or `lane`. */
export const codeOf = async (settled: Promise<Lane | Refusal>): Promise<string> => {
  const result = await settled;
  return result instanceof Refusal ? result.code : 'lane';
};

/** Everything that is ready in this turn has happened. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise(resolve => setImmediate(resolve));
}

export class Stage {
  readonly clock = new SimulatedClock();
  readonly log: EventLog;
  /** Starts, oldest first. */
  readonly starts: StageStart[] = [];
  /** Lanes that were ready, oldest first. */
  readonly lanes: StageLane[] = [];
  readonly broken: string[] = [];
  /** The states each service was in after its registration, as they were. */
  readonly lived = new Map<string, DurableState[]>();
  readonly gate: StartGate;
  readonly registry: Registry;
  /** Records the disk has space for; a transaction with more of them fails. */
  space = Number.POSITIVE_INFINITY;
  /** Transactions that were written so far: each is a sync of the disk. */
  transactions = 0;
  /** What chance brings, in [0, 1). */
  chance = 0;
  readonly #settings: RegistrySettings;
  readonly #permits: number;
  readonly #memory: EventLog;

  constructor(changes: Partial<RegistrySettings> = {}, permits = 50, memory: EventLog = new MemoryLog()) {
    this.#settings = { ...settings, ...changes };
    this.#permits = permits;
    this.#memory = memory;
    this.log = this.#observed(memory);
    this.gate = new StartGate(permits);
    this.registry = this.#open();
  }

  admit(id: string, changes: Partial<Demand> = {}): Promise<Lane | Refusal> {
    return outcome(() => this.registry.admit(id, demand(changes)));
  }

  state(id: string): string {
    return this.registry.status(id)?.state ?? 'unknown';
  }

  /** The newest start, or that of the number, once what was ordered has begun. */
  async start(number = -1): Promise<StageStart> {
    await turn();
    const start = this.starts.at(number);
    if (start === undefined) throw new Error(`only ${this.starts.length} starts were made`);
    return start;
  }

  /** A service that is ready, with its process on record. */
  async ready(id: string, type: ServiceType): Promise<StageLane> {
    const number = this.starts.length;
    this.registry.ensure(id, order(type));
    const start = await this.start(number);
    await start.spawn();
    const lane = start.succeed();
    this.lanes.push(lane);
    await turn();
    return lane;
  }

  /** `held` while a request has no answer, else its code or `lane`. */
  async verdict(request: Promise<Lane | Refusal>): Promise<string> {
    return Promise.race([codeOf(request), turn().then(() => 'held')]);
  }

  /** Time passes and what it brings about happens. */
  async pass(ms: number): Promise<void> {
    this.clock.increment(ms);
    await turn();
    this.clock.increment(0); // timers armed meanwhile that are due at once
    await turn();
  }

  /** The next life of the gateway on the same log, `afterMs` later; this one is cut off, as by `kill -9`. */
  nextLife(afterMs = 0): Stage {
    const next = new Stage(this.#settings, this.#permits, this.#memory);
    next.clock.increment(this.clock.now() + afterMs);
    return next;
  }

  async boot(
    warmup: 'gated' | 'lazy' = 'gated',
    endLeftovers: (recorded: readonly SpawnRecord[]) => Promise<unknown> = async () => {},
  ): Promise<BootReport> {
    const { log, registry } = this;
    const onBroken = (id: string) => this.broken.push(id);
    const findLeftovers = async (recorded: readonly SpawnRecord[]) => ({ end: () => endLeftovers(recorded) });
    const report = await boot({ log, registry, clock: this.clock, warmup, findLeftovers, onBroken });
    await turn();
    return report;
  }

  #open(): Registry {
    const registry = new Registry({
      log: this.log,
      clock: this.clock,
      chance: () => this.chance,
      gate: this.gate,
      settings: this.#settings,
      ownership: new InProcessOwnership(),
      owner: 'gateway',
      newId: () => `fresh-${this.log.lastSeq()}`,
      launcher: { launch: request => this.#launch(request) },
    });
    registry.live.events.on('transition', ({ id, to }) => {
      this.lived.set(id, [...(this.lived.get(id) ?? []), structuredClone(toDurable(to))]);
    });
    return registry;
  }

  #launch(request: LaunchRequest): Promise<Lane> {
    const start = new StageStart(request, this.clock);
    this.starts.push(start);
    return start.lane;
  }

  #observed(log: EventLog): EventLog {
    const write = <T>(records: number, writing: () => T): T => {
      if (this.space < records) throw new StorageError('no space left; free some and try again');
      this.space -= records;
      this.transactions++;
      return writing();
    };
    return {
      append: (id, expected, drafts) => write(drafts.length, () => log.append(id, expected, drafts)),
      appendAll: appends => {
        const records = appends.reduce((sum, { drafts }) => sum + drafts.length, 0);
        return write(records, () => log.appendAll(appends));
      },
      head: id => log.head(id),
      read: (id, from) => log.read(id, from),
      recent: (id, limit) => log.recent(id, limit),
      tail: (after, limit) => log.tail(after, limit),
      document: (id, name) => log.document(id, name),
      ids: (after, limit) => log.ids(after, limit),
      count: () => log.count(),
      owed: after => log.owed(after),
      owedTo: id => log.owedTo(id),
      lastSeq: () => log.lastSeq(),
      get appendedSeq() {
        return log.appendedSeq;
      },
      prune: (retention, budget) => log.prune(retention, budget),
      close: () => log.close(),
    };
  }
}
