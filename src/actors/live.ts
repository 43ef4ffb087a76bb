import { EventEmitter } from 'eventemitter3';
import type { Ownership } from '../store/ownership.ts';
import type { DoorOptions } from './door.ts';
import { DueTimes } from './due-times.ts';
import { ServiceHandle } from './handle.ts';
import { type Journal, journaled, type Stamps, type Transition } from './journal.ts';
import type { LanePool } from './lane-pool.ts';
import { LastWords } from './last-words.ts';
import type { LaneReport } from './launch-lane.ts';
import type { ServiceMachine } from './machine/index.ts';
import { Refusal } from './refusal.ts';
import type { Registration, ServiceStore, StoredService } from './service-store.ts';
import { BackendSlot } from './slot.ts';
import { isAtRest } from './status.ts';

export interface LiveOptions
  extends Pick<DoorOptions, 'settings' | 'onAwaited' | 'readmit' | 'lose'>,
    Stamps {
  readonly store: ServiceStore;
  readonly ownership: Ownership;
  /** This gateway, as `ownership` knows it. */
  readonly owner: string;
  /** Services whose last lines on stderr are kept when they have ended. */
  readonly stderrServices: number;
  /** A place for the lanes of a service beside its first. */
  newLanes(id: string, report: (news: LaneReport) => void): LanePool;
  /** The machine with its effects. */
  machine(): ServiceMachine;
  /** Whether an event of a service has to wait until fewer move; it is then kept. */
  defers(handle: ServiceHandle, event: { readonly type: string }): boolean;
  /** A transition was written, in so many ms. */
  onWritten(ms: number): void;
  /** The due time of a service at rest has come. */
  onDue(id: string): void;
}

/** A transition that is on record. */
export interface Committed extends Transition {
  /** Position of its record in the log. */
  readonly seq: number;
}

/** What the rest of the gateway may listen to: what is on record, and what failed. */
interface LiveEvents {
  /** A service is new: this is its first record. */
  registered: (registration: Omit<Committed, 'from'>) => void;
  transition: (transition: Committed) => void;
  /** A service was removed whose last record could not be used: its state is unknown. */
  discarded: (removal: Omit<Committed, 'from'>) => void;
  unwritten: (id: string, event: string, error: unknown) => void;
  /** An unforeseen error in what is done for a service; it goes on as it was. */
  fault: (id: string, error: unknown) => void;
}

/** The services in memory: at most one actor per id, let go when it is at rest; then only its due time stays. */
export class LiveServices {
  readonly events = new EventEmitter<LiveEvents>();
  readonly #options: LiveOptions;
  readonly #logic: ServiceMachine;
  readonly #handles = new Map<string, ServiceHandle>();
  readonly #due: DueTimes;
  readonly #lastWords: LastWords;
  #stopping = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#due = new DueTimes(options.clock, options.onDue);
    this.#lastWords = new LastWords(options.stderrServices);
    this.#logic = journaled(options.machine(), this.#journal(), options);
  }

  get size(): number {
    return this.#handles.size;
  }

  /** undefined too for a service that is removed but not let go yet: its id is free again. */
  find(id: string): ServiceHandle | undefined {
    const handle = this.#handles.get(id);
    return handle?.done ? undefined : handle;
  }

  /** All services in memory. */
  values(): Iterable<ServiceHandle> {
    return this.#handles.values();
  }

  /** The last lines on stderr of a service's backend that runs, or has just ended. */
  stderrOf(id: string): readonly string[] {
    const lines = this.find(id)?.slot.stderrTail() ?? [];
    return lines.length === 0 ? this.#lastWords.of(id) : lines;
  }

  /** The handle of a service that is in memory for certain: its own effects ask. */
  get(id: string): ServiceHandle {
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new Error(`Service ${id} is not in memory`);
    return handle;
  }

  /** @throws {Refusal} when the gateway stops */
  requireRunning(): void {
    if (this.#stopping) throw new Refusal('0003', 'the gateway is shutting down', 1000);
  }

  /** Makes the actor of a service at rest. @throws {Refusal} when the gateway stops or another one owns the service */
  enliven(id: string, { state, token }: Pick<StoredService, 'state' | 'token'>): ServiceHandle {
    const { ownership, owner, settings, clock, onAwaited, readmit, lose } = this.#options;
    this.requireRunning();
    if (!ownership.claim(id, owner)) throw new Refusal('0009', 'another gateway owns this service', 1000);
    const lanes = this.#options.newLanes(id, news => this.get(id).report(news));
    const slot = new BackendSlot(lanes);
    const removed = this.#handles.get(id);
    const handle = new ServiceHandle({
      id,
      state,
      token,
      settings,
      logic: this.#logic,
      slot,
      lanes,
      clock,
      onAwaited,
      readmit,
      lose,
      hasConfig: () => this.#options.store.hasConfig(id),
    });
    this.#handles.set(id, handle);
    this.#due.disarm(id);
    if (removed?.slot.empty === false) this.#awaitEnd(removed, handle);
    return handle;
  }

  /** Of the one that had the id before something is still ending: the next starts, and the gateway stops, after it (invariants 2, 9). */
  #awaitEnd(removed: ServiceHandle, next: ServiceHandle): void {
    next.slot.awaitLeftovers(removed.slot.ended);
    this.retireSoon(next);
  }

  /** Takes in a service whose registration is on record, at `seq`. @throws {Refusal} another gateway owns it */
  register(registration: Registration, seq: number): ServiceHandle {
    const { id, state, event, documents } = registration;
    this.events.emit('registered', { id, to: state, event, documents, seq });
    return this.enliven(id, registration);
  }

  /** Remembers the due time of a service at rest, epoch ms. */
  owe(id: string, dueAt: number): void {
    this.#due.arm(id, dueAt);
  }

  /** Lets a service go when nothing but its head record is left to keep. */
  retire(handle: ServiceHandle): void {
    if (handle.disposable && this.#handles.get(handle.id) === handle) this.drop(handle);
  }

  /** Lets a service go that has nothing but its head record, in whatever state that has it. */
  drop(handle: ServiceHandle): void {
    const { id, state, done, slot } = handle;
    this.#handles.delete(id);
    if (done) this.#lastWords.forget(id);
    else this.#lastWords.keep(id, slot.stderrTail());
    handle.dispose();
    this.#options.ownership.release(id, this.#options.owner);
    const { dueAt } = state.context;
    if (!done && dueAt !== null && isAtRest(state)) this.#due.arm(id, dueAt);
  }

  /** Ends a service without a word in the log, because its record cannot be used. Resolves when nothing of it is left. */
  async forsake(id: string): Promise<void> {
    const handle = this.#handles.get(id);
    this.#due.disarm(id);
    if (handle === undefined) return;
    handle.dispose(new Refusal('0001', 'the service was removed'));
    await handle.slot.close();
    if (this.#handles.get(id) !== handle) return;
    this.#handles.delete(id);
    this.#options.ownership.release(id, this.#options.owner);
  }

  /** The gateway is about to stop: no service is woken any more, and what waits for a start is refused. */
  refuseAll(): void {
    this.#stopping = true;
    for (const { door } of this.#handles.values()) {
      door.close(new Refusal('0003', 'the gateway is shutting down', 1000));
    }
  }

  /** Ends every backend without a word in the log: the next boot finds what was owed. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.refuseAll();
    this.#due.clear();
    const handles = [...this.#handles.values()];
    for (const handle of handles) handle.dispose();
    await Promise.all(handles.map(({ slot }) => slot.close()));
    for (const { id } of handles) this.#options.ownership.release(id, this.#options.owner);
    this.#handles.clear();
  }

  #journal(): Journal {
    return {
      defers: (id, event) => this.#options.defers(this.get(id), event),
      commit: transition => {
        const { store, clock, onWritten } = this.#options;
        const handle = this.get(transition.id);
        const begun = clock.now();
        try {
          handle.token = store.commit(transition, handle.token);
        } finally {
          onWritten(clock.now() - begun);
        }
        return store.appendedSeq;
      },
      committed: (transition, seq) => {
        const handle = this.get(transition.id);
        handle.advance(transition.to);
        this.events.emit('transition', { ...transition, seq });
        if (handle.done || isAtRest(transition.to)) this.retireSoon(handle);
      },
      failed: (id, event, error) => {
        this.events.emit('unwritten', id, event.type, error);
        this.get(id).writeFailed(event, error);
      },
    };
  }

  /** After the effects of this turn and the end of its backend, whichever is later. */
  retireSoon(handle: ServiceHandle): void {
    setImmediate(() => void handle.slot.ended.then(() => this.retire(handle)));
  }
}
