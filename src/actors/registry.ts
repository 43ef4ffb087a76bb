import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import type { EventLog } from '../store/event-log.ts';
import { type EffectOptions, withEffects } from './effects.ts';
import type { ServiceHandle } from './handle.ts';
import { type LiveOptions, LiveServices } from './live.ts';
import type { Policy, StartCause } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import { sameState } from './replay.ts';
import { ServiceStore } from './service-store.ts';
import type { Demand, ServiceStatus, Services, StartOrder } from './services.ts';
import { admissionOf, statusOf } from './status.ts';

type EffectSettings = Pick<EffectOptions, 'startTimeoutMs' | 'probeIntervalMs' | 'probeTimeoutMs'>;

export interface RegistrySettings extends EffectSettings {
  readonly pendingWaitMs: number;
  readonly maxHeldRequests: number;
  readonly healthTtlMs: number;
  readonly policy: Policy;
  /** Idle times after which a service is reaped, in ms; 0: never. */
  readonly oneShotIdleMs: number;
  readonly persistentIdleMs: number;
}

export interface RegistryOptions
  extends Pick<EffectOptions, 'launcher' | 'gate' | 'clock'>,
    Pick<LiveOptions, 'ownership' | 'owner'> {
  readonly log: EventLog;
  readonly settings: RegistrySettings;
  /** A fresh, time-ordered service id. */
  newId(): string;
}

/** All services, known by id: what the HTTP layer asks. */
export class Registry implements Services {
  readonly live: LiveServices;
  readonly #store: ServiceStore;
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #newId: () => string;

  constructor(options: RegistryOptions) {
    const { clock, gate, settings, log, ownership, owner } = options;
    this.#clock = clock;
    this.#policy = settings.policy;
    this.#newId = options.newId;
    this.#store = new ServiceStore(log);
    this.live = new LiveServices({
      clock,
      store: this.#store,
      ownership,
      owner,
      settings,
      machine: () => withEffects(this.#effects(options)),
      onAwaited: id => gate.promote(id),
      onDue: id => void this.wake(id),
    });
  }

  admit(id: string, demand: Demand): Lane | Promise<Lane> {
    const live = this.live.find(id);
    if (live !== undefined && demand.order === null) {
      const lane = live.door.serving(this.#clock.now());
      if (lane !== null) return lane;
    }
    const handle = demand.order === null ? this.#existing(id) : this.#ordered(id, demand.order);
    try {
      return handle.door.admit(demand);
    } finally {
      this.live.retire(handle);
    }
  }

  ensure(id: string, order: StartOrder): ServiceStatus {
    return this.start(id, order, 'check_status');
  }

  /** Registers or reconfigures, and starts what is not running, without waiting. @throws {Refusal} */
  start(id: string, order: StartOrder, by: StartCause): ServiceStatus {
    const handle = this.#ordered(id, order);
    const { explicit } = admissionOf(handle.state);
    if (explicit[handle.state.context.type].do === 'start') handle.tell({ type: 'start requested', by });
    return statusOf(id, handle.state, this.#clock.now());
  }

  /** Registers what a settings file declares, and starts a new Persistent service at once if so wished. @throws {Refusal} */
  declare(id: string, order: StartOrder, startNew: boolean): void {
    const isNew = this.wake(id) === undefined;
    const handle = this.#ordered(id, order);
    if (isNew && startNew && order.type === 'Persistent')
      handle.tell({ type: 'start requested', by: 'declared' });
    this.live.retire(handle);
  }

  async add(order: StartOrder, signal: AbortSignal): Promise<ServiceStatus> {
    const id = this.#newId();
    this.start(id, order, 'add');
    try {
      await this.admit(id, { order: null, waitMs: Number.POSITIVE_INFINITY, signal });
      return statusOf(id, this.#existing(id).state, this.#clock.now());
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  async remove(id: string): Promise<boolean> {
    const handle = this.wake(id);
    if (handle === undefined) return false;
    handle.tell({ type: 'removal requested' });
    await handle.removed;
    return true;
  }

  status(id: string): ServiceStatus | undefined {
    const state = this.live.find(id)?.state ?? this.#store.load(id)?.state;
    return state && statusOf(id, state, this.#clock.now());
  }

  /** The service in memory, woken from its head if need be; undefined when there is none. @throws {Refusal} */
  wake(id: string): ServiceHandle | undefined {
    const live = this.live.find(id);
    if (live !== undefined) return live;
    const stored = this.#store.load(id);
    if (stored === undefined) return undefined;
    const handle = this.live.enliven(id, stored);
    const policy = this.#policy;
    if (stored.divergence !== null) handle.tell({ type: 'divergence found', reason: stored.divergence });
    else if (!sameState(handle.state.context.policy, policy)) handle.tell({ type: 'policy changed', policy });
    return handle;
  }

  #existing(id: string): ServiceHandle {
    const handle = this.wake(id);
    if (handle !== undefined) return handle;
    throw new Refusal(
      '0001',
      `no service ${JSON.stringify(id)}; send its config with x-mcp-json to start one`,
    );
  }

  #ordered(id: string, order: StartOrder): ServiceHandle {
    const handle = this.wake(id) ?? this.#register(id, order);
    handle.tell(this.#store.reconfiguration(order));
    return handle;
  }

  #register(id: string, order: StartOrder): ServiceHandle {
    const stored = this.#store.register(id, order, this.#policy, this.#clock.now());
    return this.live.enliven(id, stored);
  }

  #effects({ launcher, gate, clock, settings }: RegistryOptions): EffectOptions {
    return {
      launcher,
      gate,
      clock,
      startTimeoutMs: settings.startTimeoutMs,
      probeIntervalMs: settings.probeIntervalMs,
      probeTimeoutMs: settings.probeTimeoutMs,
      slotOf: id => this.live.get(id).slot,
      configOf: id => this.#store.config(id),
      isAwaited: id => this.live.get(id).door.held > 0,
      idleMs: id =>
        this.live.get(id).state.context.type === 'Persistent'
          ? settings.persistentIdleMs
          : settings.oneShotIdleMs,
    };
  }
}
