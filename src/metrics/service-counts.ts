/**
 * How many services are in which state. Services at rest are their head records, and a hundred thousand heads are not read
 * for a number at boot: they are read once, when somebody first asks, a slice at a time. From then on the transitions on
 * the bus keep the numbers right.
 */
import { statePath } from '../actors/journal.ts';
import type { LiveServices } from '../actors/live.ts';
import type { ServiceSnapshot } from '../actors/replay.ts';
import type { ServiceType } from '../actors/services.ts';
import { UnreadableRecordError } from '../store/errors.ts';
import type { EventLog } from '../store/event-log.ts';

/** Heads read in one turn of the event loop: about a millisecond. */
const SLICE = 64;

/** The state of a service whose head cannot be read. */
const UNREADABLE = 'Unreadable';

export interface StateCount {
  readonly state: string;
  readonly type: ServiceType | 'unknown';
  readonly count: number;
}

type Log = Pick<EventLog, 'ids' | 'head' | 'count'>;

export class ServiceCounts {
  readonly #log: Log;
  readonly #slice: number;
  /** By state and type; null: nobody has asked yet. */
  #counts: Map<string, StateCount> | null = null;
  /** The last id that was read, in the order of keys; null: all are. */
  #cursor: Buffer | null = Buffer.alloc(0);
  #counting: Promise<void> | null = null;

  /** @param slice heads read in one turn of the event loop */
  constructor(log: Log, events: LiveServices['events'], slice = SLICE) {
    this.#log = log;
    this.#slice = slice;
    events.on('registered', ({ id, to }) => this.#note(id, to, 1));
    events.on('transition', ({ id, from, to }) => {
      this.#note(id, from, -1);
      if (to.status !== 'done') this.#note(id, to, 1);
    });
  }

  /** @throws {StorageError} by rejection, the log cannot be read; the next call tries again */
  async read(): Promise<readonly StateCount[]> {
    // The number of heads costs nothing to ask for: should the sum ever differ from it, they are counted anew.
    if (this.#cursor === null && this.#sum() !== this.#log.count()) this.#counts = null;
    if (this.#counts === null || this.#cursor !== null) await this.#count();
    return [...(this.#counts?.values() ?? [])];
  }

  #count(): Promise<void> {
    this.#counting ??= this.#readHeads().finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #readHeads(): Promise<void> {
    this.#counts = new Map();
    this.#cursor = Buffer.alloc(0);
    let ids = this.#log.ids(undefined, this.#slice);
    while (ids.length > 0) {
      for (const id of ids) this.#add(this.#stateOf(id), 1);
      const last = ids.at(-1) ?? '';
      this.#cursor = Buffer.from(last);
      await new Promise(resolve => setImmediate(resolve));
      ids = this.#log.ids(last, this.#slice);
    }
    this.#cursor = null;
  }

  #stateOf(id: string): Omit<StateCount, 'count'> {
    try {
      const { value, context } = this.#log.head(id)?.record.to ?? {};
      if (value === undefined) return { state: UNREADABLE, type: 'unknown' };
      return { state: statePath({ value }), type: context?.type as ServiceType };
    } catch (error) {
      if (error instanceof UnreadableRecordError) return { state: UNREADABLE, type: 'unknown' };
      throw error;
    }
  }

  /** A service that is still to be read will be read in its new state. */
  #note(id: string, state: ServiceSnapshot, change: 1 | -1): void {
    if (this.#counts === null) return;
    if (this.#cursor !== null && Buffer.compare(Buffer.from(id), this.#cursor) > 0) return;
    this.#add({ state: statePath(state), type: state.context.type }, change);
  }

  #add({ state, type }: Omit<StateCount, 'count'>, change: 1 | -1): void {
    const key = `${state} ${type}`;
    const count = (this.#counts?.get(key)?.count ?? 0) + change;
    this.#counts?.set(key, { state, type, count });
  }

  #sum(): number {
    let sum = 0;
    for (const { count } of this.#counts?.values() ?? []) sum += count;
    return sum;
  }
}
