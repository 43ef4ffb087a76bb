import { type Actor, createActor } from 'xstate';
import type { Clock } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';
import type { Token } from '../store/event-log.ts';
import { type DoorOptions, ServiceDoor } from './door.ts';
import { type Enclosed, type Step, stepEvent } from './journal.ts';
import type { LanePool } from './lane-pool.ts';
import { LateNews, RETRY_WRITE_MS } from './late-news.ts';
import type { LaneReport } from './launch-lane.ts';
import type { ServiceMachine } from './machine/index.ts';
import type { ServiceCommand } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import { rearmTimers, type ServiceSnapshot } from './replay.ts';
import type { BackendSlot } from './slot.ts';
import { isAtRest } from './status.ts';
import { isStillTrue } from './still-true.ts';

export interface HandleOptions extends Omit<DoorOptions, 'tell'> {
  readonly logic: ServiceMachine;
  readonly token: Token;
}

const UNRECORDED = 'the event log cannot be written, so its process could not be recorded';

/** What is undone, and what the watch sees again by itself and may no longer be true a pause later. */
const NOT_TOLD_AGAIN = new Set(['spawned', 'lane spawned', 'probe answered', 'probe failed', 'idled out']);

/** One service in memory: its actor, its door, its backend's slot and the lanes beside that. */
export class ServiceHandle {
  readonly id: string;
  readonly slot: BackendSlot;
  readonly lanes: LanePool;
  readonly door: ServiceDoor;
  /** Resolves when the service is removed. @throws {Refusal} the gateway stopped before */
  readonly removed: Promise<void>;
  /** The last durable state, and the log's token for it. */
  state: ServiceSnapshot;
  token: Token;
  readonly #actor: Actor<ServiceMachine>;
  readonly #lateNews: LateNews;
  readonly #clock: Clock;
  /** Steps that are on record and have not happened yet. */
  #toTake = 0;
  #disposed: Refusal | null = null;
  #lastFailure: { readonly event: object; readonly error: unknown } | null = null;
  #gone: () => void = () => {};
  #kept: (reason: Refusal) => void = () => {};

  constructor(options: HandleOptions) {
    const { id, logic, state, clock, slot } = options;
    this.id = id;
    this.slot = slot;
    this.#clock = clock;
    this.lanes = options.lanes;
    this.state = state;
    this.token = options.token;
    this.door = new ServiceDoor({ ...options, tell: event => this.tell(event) });
    this.removed = new Promise((resolve, reject) => {
      this.#gone = resolve;
      this.#kept = reject;
    });
    this.removed.catch(() => {}); // whoever asked for the removal is told; nobody has to
    this.#lateNews = new LateNews(clock, news => this.#actor.send(news as never));
    this.#actor = createActor(logic, { id, clock, snapshot: restorable(state) } as never);
    this.#actor.start();
    rearmTimers(this.#actor, state, clock.now());
  }

  /** Nobody waits, nothing runs, nothing is unwritten: the head record is all there is to keep. */
  get disposable(): boolean {
    const quiet = this.slot.empty && this.door.held === 0 && this.#lateNews.isEmpty;
    return quiet && (this.done || isAtRest(this.state));
  }

  get done(): boolean {
    return this.state.status === 'done';
  }

  /** Tells the actor something. @throws {Refusal} 0009 when it could not be written to the log: it did not happen; 0003 the gateway stops */
  tell(command: ServiceCommand & Enclosed): void {
    this.requireHeard();
    this.#lastFailure = null;
    this.#actor.send(command as never);
    const failure = this.#failureOf(command);
    if (failure === null) return;
    this.#lateNews.drop(command);
    throw unwritable(failure.error);
  }

  /**
   * Passes on news of a lane beside the first, after earlier news that could not be written: the lane whose place it takes
   * is off the record before it is on it (invariant 10). The service may be past caring: it then goes unheard.
   */
  report(news: LaneReport): void {
    if (this.#disposed !== null) return;
    this.#lateNews.tellAgain();
    this.#actor.send(news as never);
  }

  /** @throws {Refusal} it is let go, and this says why */
  requireHeard(): void {
    if (this.#disposed !== null) throw this.#disposed;
  }

  /** It is told later (turns.ts). */
  defer(news: { readonly type: string }): void {
    this.#lateNews.defer(news);
  }

  /** News that was deferred has its turn. False: it is no longer true, or nobody is there to be told. */
  resume(news: { readonly type: string }): boolean {
    const since = this.#lateNews.resume(news);
    if (since === null || this.#disposed !== null) return false;
    return isStillTrue(news as ServiceCommand, { since, now: this.#clock.now() }, this);
  }

  /** Some of what is on record has not happened yet: until then nothing else may. */
  get isCatchingUp(): boolean {
    return this.#toTake > 0;
  }

  /** Lets happen what is on record. @param firstSeq `seq` of the first record of these @param token of the log after the last */
  take(steps: readonly Step[], firstSeq: number, token: Token): void {
    this.token = token;
    this.#toTake += steps.length;
    let seq = firstSeq;
    const taken = () => {
      this.#toTake--;
    };
    for (const step of steps)
      this.#actor.send(stepEvent(step, step.isRecorded ? seq++ : null, taken) as never);
  }

  /** Called after each commit, before its effects. */
  advance(state: ServiceSnapshot): void {
    this.state = state;
    this.#lateNews.enter(state);
    this.door.enter(state);
    if (this.done) this.#gone();
  }

  /** News that could not be written is told again until it can be; a spawn that cannot be recorded is undone. */
  writeFailed(event: { readonly type: string; readonly lane?: number }, error: unknown): void {
    this.#lastFailure = { event, error };
    const { type, lane } = event;
    if (type === 'spawned') this.slot.rejectSpawn(new Error(UNRECORDED));
    else if (type === 'lane spawned') this.lanes.refuseSpawn(lane ?? 0, new Error(UNRECORDED));
    if (!NOT_TOLD_AGAIN.has(type)) this.#lateNews.keep(event);
  }

  /** Lets the actor go without a word in the log; its effects stop. The slot is the caller's to close. */
  dispose(reason = new Refusal('0003', 'the gateway is shutting down', RETRY_WRITE_MS)): void {
    this.#lateNews.stop();
    this.#disposed = reason;
    this.door.close(reason);
    this.#kept(reason);
    this.#actor.stop();
  }

  /** The failure of this command itself: what follows from it may fail too, but that is told again. */
  #failureOf(command: object) {
    return this.#lastFailure?.event === command ? this.#lastFailure : null;
  }
}

/** The refusal of what could not be written. */
export const unwritable = (error: unknown) =>
  new Refusal('0009', `the event log cannot be written: ${messageOf(error)}`, RETRY_WRITE_MS);

/** A snapshot as `createActor` restores it: the durable part, no children. */
function restorable({ value, context }: ServiceSnapshot) {
  return {
    status: 'active',
    value,
    context,
    children: {},
    historyValue: {},
    output: undefined,
    error: undefined,
  };
}
