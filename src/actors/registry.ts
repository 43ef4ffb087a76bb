import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import type { EventLog } from '../store/event-log.ts';
import { adopt, declare } from './adopt.ts';
import type { Silence } from './door.ts';
import { withEffects } from './effects.ts';
import type { ServiceHandle } from './handle.ts';
import { LanePool } from './lane-pool.ts';
import { LiveServices } from './live.ts';
import type { Policy, StartCause } from './machine/model.ts';
import { Moves } from './moves.ts';
import type { Operator } from './operator.ts';
import { noSuchService, Refusal } from './refusal.ts';
import { effectOptions, laneOptions, type RegistryOptions } from './registry-options.ts';
import { ServiceStore } from './service-store.ts';
import type { Demand, LaneNeed, ServiceStatus, Services, StartOrder, ToolList } from './services.ts';
import { admissionOf, statusOf } from './status.ts';
import { isStillTrue } from './still-true.ts';
import type { Subject } from './subject.ts';
import { discard, whyUnusable } from './unusable.ts';
import { type Recovery, Waker } from './waker.ts';

const DEFAULT_STDERR_SERVICES = 100;
const DEFAULT_WAITING_COMMANDS = 10_000;

const FIRST: LaneNeed = { kind: 'first' };

/** All services, known by id: what the HTTP layer asks. */
export class Registry implements Services, Operator {
  readonly live: LiveServices;
  readonly #moves: Moves;
  readonly #waker: Waker;
  readonly #log: EventLog;
  readonly #store: ServiceStore;
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #newId: () => string;

  constructor(options: RegistryOptions) {
    const { clock, chance, gate, settings, log, ownership, owner, rules } = options;
    const { policy, maxServices, stderrServices, maxWaitingCommands } = settings;
    this.#clock = clock;
    this.#policy = policy;
    this.#newId = options.newId;
    this.#log = log;
    this.#store = new ServiceStore(log, maxServices);
    this.live = new LiveServices({
      clock,
      chance,
      store: this.#store,
      ownership,
      owner,
      settings,
      stderrServices: stderrServices ?? DEFAULT_STDERR_SERVICES,
      newLanes: (id, report) => new LanePool({ ...laneOptions(options), id, report }),
      machine: () => withEffects(effectOptions(options, () => this.live, this.#store)),
      onAwaited: id => gate.promote(id),
      onDue: id => this.#due(id),
      onWritten: ms => this.#moves.written(ms),
      defers: (handle, news) => this.#moves.defer(handle, news),
      readmit: (id, demand, need) => this.admit(id, demand, need),
      lose: (id, silence) => this.#lose(id, silence),
    });
    const shared = { live: this.live, store: this.#store, clock, chance };
    this.#waker = new Waker({ ...shared, policy, ...(rules && { rules }) });
    this.#moves = new Moves({
      ...shared,
      waker: this.#waker,
      maxWaiting: maxWaitingCommands ?? DEFAULT_WAITING_COMMANDS,
      mostAlone: options.mostAlone,
      onBehalf: options.onBehalf,
    });
  }

  admit(id: string, demand: Demand, need: LaneNeed = FIRST): Lane | Promise<Lane> {
    const live = this.live.find(id);
    const arrivedAt = this.#clock.now();
    if (live !== undefined && demand.order === null) {
      const lane = live.door.serving(arrivedAt, need);
      if (lane !== null) return lane;
    }
    const change = (subject: Subject) => {
      adopt(this.#store, subject, demand.order);
      const { plain, explicit } = admissionOf(subject.state);
      const { type } = subject.state.context;
      if ((demand.order === null ? plain : explicit)[type].do === 'start')
        subject.tell({ type: 'start requested', by: 'request' });
    };
    return this.#move(id, demand.order, change, ({ door }) => door.admit(demand, need, arrivedAt));
  }

  ensure(id: string, order: StartOrder): ServiceStatus | Promise<ServiceStatus> {
    return this.start(id, order, 'check_status');
  }

  start(id: string, order: StartOrder | null, by: StartCause): ServiceStatus | Promise<ServiceStatus> {
    const change = (subject: Subject) => {
      adopt(this.#store, subject, order);
      const { explicit } = admissionOf(subject.state);
      if (explicit[subject.state.context.type].do === 'start') subject.tell({ type: 'start requested', by });
    };
    return this.#move(id, order, change, ({ state }) => statusOf(id, state, this.#clock.now()));
  }

  /**
   * Registers what a file declares, and starts a new Persistent service at once if `startNew`.
   * @param restartChanged see `Declaration`
   * @throws {Refusal} synchronously or by rejection
   */
  declare(id: string, order: StartOrder, startNew: boolean, restartChanged = false): void | Promise<void> {
    const declaration = { order, startNew, restartChanged };
    return this.#move(
      id,
      order,
      subject => declare(this.#store, subject, declaration),
      () => {},
    );
  }

  request(id: string, wish: 'stop requested' | 'restart requested'): void | Promise<void> {
    return this.#move(
      id,
      null,
      subject => subject.tell({ type: wish }),
      () => {},
    );
  }

  async add(order: StartOrder, signal: AbortSignal): Promise<ServiceStatus> {
    const id = this.#newId();
    try {
      await this.start(id, order, 'add');
      await this.admit(id, { order: null, waitMs: Number.POSITIVE_INFINITY, signal });
      const status = this.status(id);
      if (status === undefined) throw noSuchService(id);
      return status;
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
    const change = (subject: Subject) => subject.tell({ type: 'removal requested' });
    try {
      await this.#move(id, null, change, ({ removed }) => removed);
    } catch (error) {
      if (error instanceof Refusal && error.code === '0001') return false;
      throw error;
    }
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

  /** Services that ran in an earlier life come back so, from now on. */
  set recovery(recovery: Recovery) {
    this.#waker.recovery = recovery;
  }

  /**
   * Takes a service into memory and does what is owed to it. What cannot be done yet is tried again by itself.
   * @throws {Refusal} synchronously or by rejection; 0001 there is no such service
   */
  async wake(id: string): Promise<void> {
    try {
      await this.#moves.move({ id, order: null, isOwed: true, change: () => {}, answer: () => {} });
    } catch (error) {
      this.#waker.postpone(id, error);
      throw error;
    }
  }

  #lose(id: string, silence: Silence): void | Promise<void> {
    const heardAt = this.#clock.now();
    const change = (subject: Subject) => {
      const handle = this.live.find(id);
      const times = { since: heardAt, now: this.#clock.now() };
      if (handle !== undefined && isStillTrue(silence, times, handle)) subject.tell(silence);
    };
    return this.live.find(id) && this.#move(id, null, change, () => {});
  }

  #due(id: string): void {
    this.wake(id).catch(error => this.live.events.emit('unwritten', id, 'wake', error));
  }

  /** Moves a service and answers; it is let go again when it is at rest after that. */
  #move<T>(
    id: string,
    order: StartOrder | null,
    change: (subject: Subject) => void,
    answer: (handle: ServiceHandle) => T | Promise<T>,
  ): T | Promise<T> {
    const conclude = (handle: ServiceHandle) => {
      try {
        return answer(handle);
      } finally {
        this.live.retire(handle);
      }
    };
    return this.#moves.move({ id, order, change, answer: conclude });
  }
}
