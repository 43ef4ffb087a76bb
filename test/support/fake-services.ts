/** Services in memory: the answers of contract §5 for the states a test puts them in, and a record of what was asked. */
import { Refusal } from '../../src/actors/refusal.ts';
import type { Demand, ServiceStatus, Services, StartOrder, ToolList } from '../../src/actors/services.ts';
import type { Lane } from '../../src/backends/backend.ts';

/** How a start that waits (`add`, a held `admit`) ends: at once, not at all, or never until the caller gives up. */
export type StartOutcome = 'ready' | 'fails' | 'hangs';

export class FakeServices implements Services {
  /** Sessions have no lanes of their own here. */
  releaseSession(): void {}

  startOutcome: StartOutcome = 'ready';
  /** Thrown by every verb while set. */
  fault: Error | null = null;
  /** Every explicit start order, oldest first. */
  readonly orders: { readonly id: string; readonly order: StartOrder }[] = [];
  readonly #statuses = new Map<string, ServiceStatus>();
  readonly #lane: Lane | undefined;
  /** Resolves with the reason when a wait was given up because the client hung up. */
  readonly gaveUp: Promise<void>;
  readonly #onGaveUp: () => void;
  /** Resolves when somebody waits for a start. */
  readonly waiting: Promise<void>;
  readonly #onWaiting: () => void;

  constructor(lane?: Lane) {
    this.#lane = lane;
    const { promise: gaveUp, resolve: onGaveUp } = deferred();
    const { promise: waiting, resolve: onWaiting } = deferred();
    this.gaveUp = gaveUp;
    this.#onGaveUp = onGaveUp;
    this.waiting = waiting;
    this.#onWaiting = onWaiting;
  }

  /** Puts a service into a state; what is not given is that of a serving OneShot. */
  put(id: string, status: Partial<ServiceStatus> = {}): void {
    this.#statuses.set(id, { ...serving(id), ...status, id });
  }

  admit(id: string, demand: Demand): Lane | Promise<Lane> {
    this.#throwFault();
    if (demand.order !== null) this.orders.push({ id, order: demand.order });
    const status = this.#statuses.get(id);
    if (status === undefined && demand.order === null) {
      throw new Refusal('0001', `"${id}" is not registered and no config was sent`);
    }
    if (status?.poll === 'Ready' && this.#lane !== undefined) return this.#lane;
    return this.#start(demand.signal).then(() => {
      if (this.#lane === undefined) throw new Refusal('0005', 'this fake has no backend');
      this.put(id);
      return this.#lane;
    });
  }

  ensure(id: string, order: StartOrder): ServiceStatus {
    this.#throwFault();
    this.orders.push({ id, order });
    const status = this.#statuses.get(id) ?? {
      ...serving(id),
      type: order.type,
      state: 'Pending.Queued',
      poll: 'Pending',
    };
    this.#statuses.set(id, status);
    return status;
  }

  async add(order: StartOrder, signal: AbortSignal): Promise<ServiceStatus> {
    this.#throwFault();
    const id = String(this.orders.length).padStart(32, '0');
    this.orders.push({ id, order });
    await this.#start(signal);
    this.put(id, { type: order.type });
    return { ...serving(id), type: order.type };
  }

  async remove(id: string): Promise<boolean> {
    this.#throwFault();
    return this.#statuses.delete(id);
  }

  status(id: string): ServiceStatus | undefined {
    this.#throwFault();
    return this.#statuses.get(id);
  }

  tools(): ToolList | null {
    this.#throwFault();
    return null;
  }

  #start(signal: AbortSignal): Promise<void> {
    if (this.startOutcome === 'ready') return Promise.resolve();
    if (this.startOutcome === 'fails') return Promise.reject(new Refusal('0005', 'exited with code 1'));
    return new Promise((_resolve, reject) => {
      const giveUp = () => {
        this.#onGaveUp();
        reject(new Refusal('0003', 'the caller gave up'));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#onWaiting();
    });
  }

  #throwFault(): void {
    if (this.fault !== null) throw this.fault;
  }
}

function serving(id: string): ServiceStatus {
  return {
    id,
    type: 'OneShot',
    state: 'Ready.Healthy',
    since: Date.UTC(2026, 0, 2, 3, 4, 5),
    poll: 'Ready',
    retryAfterMs: null,
    lastError: null,
    lostTools: [],
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
