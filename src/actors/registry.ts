import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import type { EventLog } from '../store/event-log.ts';
import { requireAllowed } from './allowed.ts';
import { withEffects } from './effects.ts';
import type { ServiceHandle } from './handle.ts';
import { LanePool } from './lane-pool.ts';
import { LiveServices } from './live.ts';
import type { Policy, StartCause } from './machine/model.ts';
import type { Operator } from './operator.ts';
import { noSuchService, Refusal } from './refusal.ts';
import { effectOptions, laneOptions, type RegistryOptions } from './registry-options.ts';
import { sameState } from './replay.ts';
import { ServiceStore } from './service-store.ts';
import type { Demand, LaneNeed, ServiceStatus, Services, StartOrder, ToolList } from './services.ts';
import { admissionOf, isAtRest, statusOf } from './status.ts';
import { discard, whyUnusable } from './unusable.ts';

/** How services come back that ran in an earlier life. */
export interface Recovery {
  /** `gated`: Persistent services start again in the background; `lazy`: when somebody asks for them. */
  readonly warmup: 'gated' | 'lazy';
  /** Resolves when nothing of an earlier life is alive: no such service starts before (invariant 2). */
  readonly leftoversEnded: Promise<void>;
}

/** Pause before a wake that could not be written is tried again, in ms. */
const RETRY_WAKE_MS = 1000;

const DEFAULT_STDERR_SERVICES = 100;

const FIRST: LaneNeed = { kind: 'first' };

/** All services, known by id: what the HTTP layer asks. */
export class Registry implements Services, Operator {
  readonly live: LiveServices;
  /** Set at boot, before the first wake. */
  recovery: Recovery = { warmup: 'gated', leftoversEnded: Promise.resolve() };
  readonly #log: EventLog;
  readonly #store: ServiceStore;
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #newId: () => string;
  readonly #rules: RegistryOptions['rules'];

  constructor(options: RegistryOptions) {
    const { clock, chance, gate, settings, log, ownership, owner } = options;
    this.#clock = clock;
    this.#policy = settings.policy;
    this.#newId = options.newId;
    this.#rules = options.rules;
    this.#log = log;
    this.#store = new ServiceStore(log, settings.maxServices);
    this.live = new LiveServices({
      clock,
      chance,
      store: this.#store,
      ownership,
      owner,
      settings,
      stderrServices: settings.stderrServices ?? DEFAULT_STDERR_SERVICES,
      newLanes: (id, report) => new LanePool({ ...laneOptions(options), id, report }),
      machine: () => withEffects(effectOptions(options, id => this.live.get(id), this.#store)),
      onAwaited: id => gate.promote(id),
      onDue: id => this.#due(id),
      readmit: (id, demand, need) => this.admit(id, demand, need),
    });
  }

  admit(id: string, demand: Demand, need: LaneNeed = FIRST): Lane | Promise<Lane> {
    const live = this.live.find(id);
    if (live !== undefined && demand.order === null) {
      const lane = live.door.serving(this.#clock.now(), need);
      if (lane !== null) return lane;
    }
    const arrivedAt = this.#clock.now();
    const handle = this.#existing(id, demand.order);
    return this.#using(handle, demand.order, ({ door }) => door.admit(demand, need, arrivedAt));
  }

  ensure(id: string, order: StartOrder): ServiceStatus {
    return this.start(id, order, 'check_status');
  }

  start(id: string, order: StartOrder | null, by: StartCause): ServiceStatus {
    return this.#using(this.#existing(id, order), order, handle => {
      const { explicit } = admissionOf(handle.state);
      if (explicit[handle.state.context.type].do === 'start') handle.tell({ type: 'start requested', by });
      return statusOf(id, handle.state, this.#clock.now());
    });
  }

  /**
   * Registers what a file declares, and starts a new Persistent service at once if `startNew`.
   * @param restartChanged what runs from another config, or tries to, starts again from this one
   * @throws {Refusal}
   */
  declare(id: string, order: StartOrder, startNew: boolean, restartChanged = false): void {
    const isNew = this.wake(id) === undefined;
    this.#using(this.#existing(id, order), null, handle => {
      const before = handle.state.context.config;
      this.#adopt(handle, order);
      const { config, nextType, incident } = handle.state.context;
      const isChanged = config !== before || nextType !== null;
      const tries = !isAtRest(handle.state) || incident?.kind === 'start' || incident?.kind === 'loss';
      if (isNew && startNew && order.type === 'Persistent')
        handle.tell({ type: 'start requested', by: 'declared' });
      else if (restartChanged && isChanged && tries) handle.tell({ type: 'restart requested' });
    });
  }

  request(id: string, wish: 'stop requested' | 'restart requested'): void {
    this.#using(this.#existing(id), null, handle => handle.tell({ type: wish }));
  }

  async add(order: StartOrder, signal: AbortSignal): Promise<ServiceStatus> {
    const id = this.#newId();
    try {
      this.start(id, order, 'add');
      await this.admit(id, { order: null, waitMs: Number.POSITIVE_INFINITY, signal });
      return statusOf(id, this.#existing(id).state, this.#clock.now());
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  async remove(id: string): Promise<boolean> {
    if (whyUnusable(this.#log, id) !== null) {
      await discard({ log: this.#log, live: this.live, clock: this.#clock, policy: this.#policy }, id);
      return true;
    }
    const handle = this.wake(id);
    if (handle === undefined) return false;
    this.#using(handle, null, () => handle.tell({ type: 'removal requested' }));
    await handle.removed;
    return true;
  }

  releaseSession(id: string, sessionId: string): void {
    this.live.find(id)?.lanes.release(sessionId);
  }

  status(id: string): ServiceStatus | undefined {
    const state = this.live.find(id)?.state ?? this.#store.load(id)?.state;
    return state && statusOf(id, state, this.#clock.now());
  }

  tools(id: string): ToolList | null {
    return this.#store.tools(id);
  }

  /**
   * The service in memory, woken from its head if need be; undefined when there is none.
   * @throws {Refusal} it cannot be read, or what its wake changes cannot be written: it is not in memory then, and what
   * is owed to it is tried again by itself, whoever asked
   */
  wake(id: string): ServiceHandle | undefined {
    const live = this.live.find(id);
    if (live !== undefined) return live;
    const stored = this.#store.load(id);
    if (stored === undefined) return undefined;
    const handle = this.live.enliven(id, stored);
    try {
      this.#bringUpToDate(handle, stored.divergence);
    } catch (error) {
      this.live.drop(handle);
      if (!isAtRest(handle.state)) this.postpone(id, error);
      throw error;
    }
    return handle;
  }

  /** What is owed to a service could not be done: it is tried again, unless its record cannot be used at all. */
  postpone(id: string, error: unknown): void {
    if (error instanceof Refusal && error.code === '0009')
      this.live.owe(id, this.#clock.now() + RETRY_WAKE_MS);
  }

  #bringUpToDate(handle: ServiceHandle, divergence: string | null): void {
    const policy = this.#policy;
    if (divergence !== null) handle.tell({ type: 'divergence found', reason: divergence });
    else if (!sameState(handle.state.context.policy, policy)) handle.tell({ type: 'policy changed', policy });
    // What runs is in memory and is not woken: whatever the head says is running ran in an earlier life.
    if (isAtRest(handle.state)) return;
    handle.slot.awaitLeftovers(this.recovery.leftoversEnded);
    handle.tell({ type: 'gateway restarted', warmup: this.recovery.warmup });
  }

  #due(id: string): void {
    try {
      this.wake(id);
    } catch (error) {
      this.live.events.emit('unwritten', id, 'wake', error);
      this.postpone(id, error);
    }
  }

  /** Takes an order over, uses the service, and lets it go again when it is at rest after that. */
  #using<T>(handle: ServiceHandle, order: StartOrder | null, use: (handle: ServiceHandle) => T): T {
    try {
      if (order !== null) this.#adopt(handle, order);
      return use(handle);
    } finally {
      this.live.retire(handle);
    }
  }

  /** Makes an order's config and type those of the next start. A config that is lost is stored again, also when it is the same. */
  #adopt(handle: ServiceHandle, order: StartOrder): void {
    const told = this.#store.reconfiguration(order);
    const { config, type } = handle.state.context;
    const serves = admissionOf(handle.state).explicit[type].do === 'forward';
    const isLost = !serves && told.config === config && !this.#store.hasConfig(handle.id);
    handle.tell(isLost ? { ...told, anyway: true } : told);
  }

  /** Registered now, if an order comes with the request. */
  #existing(id: string, order: StartOrder | null = null): ServiceHandle {
    if (order !== null) requireAllowed(order, this.#rules);
    const handle = this.wake(id) ?? (order && this.#register(id, order));
    if (handle !== null) return handle;
    throw noSuchService(id);
  }

  #register(id: string, order: StartOrder): ServiceHandle {
    this.live.requireRunning();
    const stored = this.#store.register(id, order, this.#policy, this.#clock.now());
    const { state: to, event, documents } = stored;
    this.live.events.emit('registered', { id, to, event, documents, seq: this.#store.appendedSeq });
    return this.live.enliven(id, stored);
  }
}
