/** A world for property tests: services, backends and clients on a simulated clock, over lives of the gateway. */
import type fc from 'fast-check';
import { boot } from '../../src/actors/boot.ts';
import type { Transition } from '../../src/actors/journal.ts';
import type { Policy } from '../../src/actors/machine/model.ts';
import { Refusal } from '../../src/actors/refusal.ts';
import { Registry } from '../../src/actors/registry.ts';
import type { LaneNeed, StartOrder } from '../../src/actors/services.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import type { BackendLauncher, Lane, SpawnRecord } from '../../src/backends/backend.ts';
import type { Clock } from '../../src/backends/clock.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';
import type { EventLog, LogRecord } from '../../src/store/event-log.ts';
import { InProcessOwnership } from '../../src/store/in-process-ownership.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { FakeBackends } from './fake-backends.ts';
import { faultyLog, StorageFaults } from './faulty-log.ts';
import { StallingClock } from './stalling-clock.ts';

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
  startTimeoutMinMs: 1_000,
  startTimeoutMaxMs: 100_000,
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

/** How long a lane may take to show that it lives, in ms. */
export const PROBE_TIMEOUT_MS = settings.probeTimeoutMs;

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

const isReady = (value: unknown) => Object.keys(Object(value)).includes('Ready');

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
  readonly clock = new StallingClock();
  readonly log: EventLog = new MemoryLog();
  readonly outcomes: Outcome[] = [];
  readonly transitions: Transition[] = [];
  readonly violations: string[] = [];
  readonly backends: FakeBackends;
  readonly storage = new StorageFaults();
  registry!: Registry;
  gate!: StartGate;
  #life = 0;
  /** The process stopped; nothing of its life happens any more. */
  #isDown = false;
  #chances = 0;
  #hangUps: AbortController[] = [];

  /** @param mostAlone transactions of a turn that are made at once, before others wait and share one */
  constructor(
    readonly scheduler: fc.Scheduler,
    readonly mostAlone = 8,
  ) {
    const records = {
      isRecorded: (place: string, pid: number) =>
        this.log
          .read(serviceOf(place))
          .some(({ event }) => (event.process as Partial<SpawnRecord>)?.pid === pid),
      generationOf: (place: string) => Number(this.#head(place)?.to.context.generation ?? -1),
      isServing: (place: string) => this.#head(place) !== undefined && isReady(this.#head(place)?.to.value),
    };
    this.backends = new FakeBackends(scheduler, this.clock, what => this.violations.push(what), records);
  }

  /** The process stopped in the midst of something; `live` starts the next. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /**
   * Boots the gateway; an earlier life of it is cut off first, as by `kill -9`. One that stops while it boots is started
   * again. A disk that cannot be read is mended before: a gateway does not come up over it.
   */
  async live(warmup: 'gated' | 'lazy' = 'gated'): Promise<void> {
    do {
      this.storage.unreadable = false;
      await this.#boot(warmup);
    } while (this.#isDown);
  }

  async #boot(warmup: 'gated' | 'lazy'): Promise<void> {
    const life = ++this.#life;
    this.#isDown = false;
    this.backends.life = life;
    this.gate = new StartGate(PERMITS);
    const [log, clock] = [this.#logOf(life), this.#clockOf(life)];
    this.registry = new Registry({
      log,
      clock,
      chance: () => this.#chance(),
      gate: this.gate,
      settings,
      ownership: new InProcessOwnership(),
      owner: `gateway-${life}`,
      mostAlone: this.mostAlone,
      launcher: byLane(this.backends.launcher(life)),
      newId: () => `fresh-${this.log.lastSeq() + 1}`,
    });
    this.registry.live.events.on('transition', transition => this.transitions.push(transition));
    const { registry } = this;
    await boot({
      log,
      registry,
      clock,
      warmup,
      findLeftovers: async recorded => ({ end: async () => this.backends.endLeftovers(recorded) }),
      // What cannot be written yet is tried again.
      onBroken: (id, error) => {
        const unwritten = error instanceof Refusal && error.code === '0009';
        if (!unwritten) this.violations.push(`${id} is broken: ${String(error)}`);
      },
    });
  }

  request(id: string, order: StartOrder | null, waitMs: number | null, need?: LaneNeed): void {
    const hangUp = new AbortController();
    this.#hangUps.push(hangUp);
    const deadline = this.clock.now() + settings.probeTimeoutMs + (waitMs ?? settings.pendingWaitMs);
    const outcome: Outcome = { id, deadline, life: this.#life, settled: 0, result: null };
    this.outcomes.push(outcome);
    const settle = (result: Lane | Refusal | Error) => {
      if (this.#isOver(outcome.life)) return; // nobody is there to be told
      outcome.settled += 1;
      outcome.result = result;
      if (!(result instanceof Refusal) && result instanceof Error)
        this.violations.push(`unexpected: ${result.stack}`);
      if (!(result instanceof Error) && !this.#isOnRecord(id, result))
        this.violations.push(`invariant 7: a request got a lane of ${id} ahead of its record`);
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

  /** Runs a command of an operator; a refusal is an answer too. @param done must be so once it is acknowledged */
  attempt(command: () => unknown, done: () => boolean = () => true): void {
    const life = this.#life;
    const acknowledged = () => {
      if (!this.#isOver(life) && !done())
        this.violations.push('a command was acknowledged ahead of its record');
    };
    try {
      const result = command();
      if (result instanceof Promise) result.then(acknowledged, error => this.#onlyRefusals(error));
      else acknowledged();
    } catch (error) {
      this.#onlyRefusals(error);
    }
  }

  /** Lets everything that is ready in this turn happen; the scheduler's tasks stay where they are. */
  async settle(): Promise<void> {
    const turns = this.mostAlone < 8 ? 16 : 4;
    do for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve));
    while (this.clock.catchUp());
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
    return this.#isDown || life !== this.#life;
  }

  #head(place: string): LogRecord | undefined {
    return this.log.head(serviceOf(place))?.record;
  }

  /** Whether the start that a lane belongs to succeeded by the log. */
  #isOnRecord(id: string, { generation }: Lane): boolean {
    return this.log
      .read(id)
      .some(({ event }) => event.type === 'start succeeded' && event.generation === generation);
  }

  /** As by `kill -9`, in the midst of whatever it was doing. */
  #stop(): void {
    this.#isDown = true;
    this.backends.life = null;
  }

  /** The log as one life sees it. */
  #logOf(life: number): EventLog {
    return faultyLog(this.log, {
      faults: this.storage,
      isOver: () => this.#isOver(life),
      stop: () => this.#stop(),
      stall: ms => this.clock.stall(ms),
    });
  }

  /** The clock as one life sees it: its timers are silent once it is over. */
  #clockOf(life: number): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      setTimeout: (callback, delayMs) =>
        clock.setTimeout(() => void (this.#isOver(life) || callback()), delayMs),
      clearTimeout: handle => clock.clearTimeout(handle),
    };
  }
}
