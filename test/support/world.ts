/** A world for property tests: services, backends and clients on a simulated clock, over lives of the gateway. */
import type fc from 'fast-check';
import { SimulatedClock } from 'xstate';
import { boot } from '../../src/actors/boot.ts';
import type { Transition } from '../../src/actors/journal.ts';
import type { Policy } from '../../src/actors/machine/model.ts';
import { Refusal } from '../../src/actors/refusal.ts';
import { Registry } from '../../src/actors/registry.ts';
import type { LaneNeed, StartOrder } from '../../src/actors/services.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import type { BackendLauncher, Lane } from '../../src/backends/backend.ts';
import type { Clock } from '../../src/backends/clock.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';
import { StorageError } from '../../src/store/errors.ts';
import type { EventLog } from '../../src/store/event-log.ts';
import { InProcessOwnership } from '../../src/store/in-process-ownership.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { FakeBackends } from './fake-backends.ts';

const policy: Policy = {
  cooldownMs: 1000,
  cooldownMaxMs: 8000,
  jitter: 0.5,
  stableAfterMs: 5000,
  maxStartFailures: 4,
  probeFailures: 2,
};

const settings = {
  policy,
  pendingWaitMs: 20_000,
  maxHeldRequests: 5,
  healthTtlMs: 5000,
  startTimeoutMs: 10_000,
  probeIntervalMs: 2000,
  probeTimeoutMs: 1000,
  oneShotIdleMs: 30_000,
  persistentIdleMs: 0,
  maxLanesPerService: 4,
  laneIdleMs: 20_000,
  requestTimeoutMs: 10_000,
  maxToolListBytes: 4096,
};

export const PERMITS = 2;

/** What became of one request: open until it has its one outcome. */
export interface Outcome {
  readonly id: string;
  readonly deadline: number;
  settled: number;
  /** The life of the gateway that took it; with that life its connection ended. */
  readonly life: number;
  result: Lane | Refusal | Error | null;
}

/** A config whose number makes it differ from others. */
export const config = (number: number): ServiceConfig => ({
  kind: 'stdio',
  command: `server-${number}`,
  args: [],
  env: {},
  cwd: null,
  name: null,
  tools: { allow: null, deny: [] },
  isolation: 'auto',
  startTimeoutMs: null,
  requestTimeoutMs: null,
  idleTimeoutMs: null,
});

/** Where a lane's backend has its place: lanes beside the first by what their session calls itself. */
export const placeOf = (id: string, session: string) => `${id}#${session}`;
const serviceOf = (place: string) => place.split('#', 1)[0] ?? place;

/** Each lane's starts and process trees are counted apart. */
function byLane(launcher: BackendLauncher): BackendLauncher {
  return {
    launch: request => {
      const { id, lane, introduction } = request;
      if (lane === undefined || introduction === undefined) return launcher.launch(request);
      const session = introduction.era === 'modern' ? 'modern' : String(introduction.clientInfo?.name);
      return launcher.launch({ ...request, id: placeOf(id, session) });
    },
  };
}

export class World {
  readonly clock = new SimulatedClock();
  readonly log: EventLog = new MemoryLog();
  readonly outcomes: Outcome[] = [];
  readonly transitions: Transition[] = [];
  readonly violations: string[] = [];
  readonly backends: FakeBackends;
  /** While true every append fails. */
  diskFull = false;
  registry!: Registry;
  gate!: StartGate;
  #life = 0;
  #chances = 0;
  #hangUps: AbortController[] = [];

  constructor(readonly scheduler: fc.Scheduler) {
    const isRecorded = (place: string, pid: number) =>
      this.log
        .read(serviceOf(place))
        .some(({ event }) => (event.process as { pid?: number } | undefined)?.pid === pid);
    this.backends = new FakeBackends(scheduler, this.clock, what => this.violations.push(what), isRecorded);
  }

  /** Boots the gateway; an earlier life of it is cut off first, as by `kill -9`. */
  async live(warmup: 'gated' | 'lazy' = 'gated'): Promise<void> {
    const life = ++this.#life;
    this.backends.life = life;
    this.gate = new StartGate(PERMITS);
    this.registry = new Registry({
      log: this.#logOf(life),
      clock: this.#clockOf(life),
      chance: () => this.#chance(),
      gate: this.gate,
      settings,
      ownership: new InProcessOwnership(),
      owner: `gateway-${life}`,
      launcher: byLane(this.backends.launcher(life)),
      newId: () => `fresh-${this.log.lastSeq() + 1}`,
    });
    this.registry.live.events.on('transition', transition => this.transitions.push(transition));
    const { registry } = this;
    await boot({
      log: this.log,
      registry,
      clock: this.#clockOf(life),
      warmup,
      findLeftovers: async recorded => ({ end: async () => this.backends.endLeftovers(recorded) }),
      onBroken: (id, error) => this.violations.push(`${id} is broken: ${String(error)}`),
    });
  }

  request(id: string, order: StartOrder | null, waitMs: number | null, need?: LaneNeed): void {
    const hangUp = new AbortController();
    this.#hangUps.push(hangUp);
    const deadline = this.clock.now() + settings.probeTimeoutMs + (waitMs ?? settings.pendingWaitMs);
    const outcome: Outcome = { id, deadline, life: this.#life, settled: 0, result: null };
    this.outcomes.push(outcome);
    const settle = (result: Lane | Refusal | Error) => {
      outcome.settled += 1;
      outcome.result = result;
      if (!(result instanceof Refusal) && result instanceof Error)
        this.violations.push(`unexpected: ${result.stack}`);
    };
    try {
      const admitted = this.registry.admit(id, { order, waitMs, signal: hangUp.signal }, need);
      if (admitted instanceof Promise) admitted.then(settle, settle);
      else settle(admitted);
    } catch (error) {
      settle(error as Error);
    }
  }

  /** One of the clients that are waiting hangs up. */
  hangUp(which: number): void {
    this.#hangUps[which % Math.max(1, this.#hangUps.length)]?.abort();
  }

  /** Runs a command of an operator; a refusal is an answer too. */
  attempt(command: () => unknown): void {
    try {
      const done = command();
      if (done instanceof Promise) done.catch(error => this.#onlyRefusals(error));
    } catch (error) {
      this.#onlyRefusals(error);
    }
  }

  /** Lets everything that is ready in this turn happen; the scheduler's tasks stay where they are. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise(resolve => setImmediate(resolve));
  }

  /** Time passes, in steps no longer than any timer's, so that what one timer starts can happen before the next. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.increment(Math.min(500, left));
      await this.settle();
    }
  }

  /** Up to `tasks` of what backends have under way come to pass, in the scheduler's order. */
  async progress(tasks: number): Promise<void> {
    for (let done = 0; done < tasks; done++) {
      await this.settle();
      if (this.scheduler.count() === 0) return;
      await this.scheduler.waitNext(1);
    }
    await this.settle();
  }

  /** All of [0, 1), evenly, and the same in every run. */
  #chance(): number {
    this.#chances++;
    return (this.#chances * 0.618_034) % 1;
  }

  #onlyRefusals(error: unknown): void {
    if (!(error instanceof Refusal)) this.violations.push(`not a refusal: ${String(error)}`);
  }

  get life(): number {
    return this.#life;
  }

  #isOver(life: number): boolean {
    return life !== this.#life;
  }

  /** The log as one life sees it: what a life that is over still tries to write goes nowhere. */
  #logOf(life: number): EventLog {
    const { log } = this;
    return {
      append: (id, expected, drafts) => {
        if (this.#isOver(life)) throw new StorageError('this life is over');
        if (this.diskFull) throw new StorageError('no space left; free some and try again');
        return log.append(id, expected, drafts);
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
      prune: (retention, budget) => log.prune(retention, budget),
      close: async () => {},
    };
  }

  /** The clock as one life sees it: its timers are silent once it is over. */
  #clockOf(life: number): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      setTimeout: (callback, delayMs) =>
        clock.setTimeout(() => void (this.#isOver(life) || callback()), delayMs),
      clearTimeout: handle => clock.clearTimeout(handle as number),
    };
  }
}
