/**
 * What moves services: commands, and news of theirs that had to wait. Each is worked out first, then recorded, and only when
 * that is durable it happens (invariant 7). While many move at once their records share a transaction (turns.ts).
 */
import type { Appended } from '../store/event-log.ts';
import { type ServiceHandle, unwritable } from './handle.ts';
import type { LiveServices } from './live.ts';
import { Refusal } from './refusal.ts';
import type { ServiceStore } from './service-store.ts';
import type { StartOrder } from './services.ts';
import type { Subject } from './subject.ts';
import { Turns, type TurnsOptions } from './turns.ts';
import type { Waker } from './waker.ts';

export interface MovesOptions extends Omit<TurnsOptions<Job>, 'doTogether'> {
  readonly live: LiveServices;
  readonly store: ServiceStore;
  readonly waker: Waker;
  /** Whose work this turn does: the work it then is given, in a later turn, is theirs, too. */
  readonly onBehalf?: (() => Job['onBehalf']) | undefined;
  /** Most commands that may wait for their turn; past it 0009. */
  readonly maxWaiting: number;
}

export interface Move<T> {
  readonly id: string;
  /** Registers a service that is not there. */
  readonly order: StartOrder | null;
  /** The gateway owes it to the service: it waits however many do. */
  readonly isOwed?: boolean;
  /** Tells the service what it is to be told. Must not throw. */
  change(subject: Subject): void;
  /** What whoever asked gets once that has happened. May throw a Refusal. */
  answer(handle: ServiceHandle): T | Promise<T>;
}

/** What a move, or news, comes to. */
interface Job {
  readonly id: string;
  /** null: nothing. @param registering services that are registered in the same transaction @throws {Refusal} */
  workOut(registering: number): Subject | null;
  /** It is durable, and has happened. */
  done(handle: ServiceHandle): void;
  /** Nothing of it is in the log. */
  failed(error: unknown): void;
  /** Has this be the work of whoever asked for it. */
  readonly onBehalf: (work: () => void) => void;
}

export class Moves {
  readonly #options: MovesOptions;
  readonly #turns: Turns<Job>;

  constructor(options: MovesOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, doTogether: jobs => this.#do(jobs) });
  }

  /** A transition was written beside these, in so many ms. */
  written(ms: number): void {
    this.#turns.spent(ms);
  }

  /**
   * Moves a service: at once, or, while many move, together with others.
   * @throws {Refusal} synchronously or by rejection; 0009 it cannot be written, and did not happen
   */
  move<T>(move: Move<T>): T | Promise<T> {
    const { live, maxWaiting } = this.#options;
    if (!this.#turns.areMany && live.find(move.id)?.isCatchingUp !== true) return this.#moveNow(move);
    if (move.isOwed !== true && this.#turns.waiting >= maxWaiting)
      throw new Refusal('0009', `${maxWaiting} commands already wait to be written to the event log`, 1000);
    return new Promise((resolve, reject) => {
      this.#turns.enqueue(this.#jobOf(move, ask => settle(ask, resolve, reject)));
    });
  }

  /** News of a service waits for its turn, while many move. False: it does not have to. */
  defer(handle: ServiceHandle, news: { readonly type: string }): boolean {
    if (!this.#turns.areMany && !handle.isCatchingUp) return false;
    handle.defer(news);
    this.#turns.enqueue({
      id: handle.id,
      workOut: () => {
        if (!handle.resume(news)) return null;
        const subject = this.#options.waker.present(handle);
        subject.tell(news as never);
        return subject;
      },
      done: () => this.#options.live.retireSoon(handle),
      failed: error => handle.writeFailed(news, error),
      onBehalf: nobody,
    });
    return true;
  }

  #moveNow<T>(move: Move<T>): T | Promise<T> {
    let ask: () => T | Promise<T> = () => {
      throw new Error('nothing came of it');
    };
    this.#do([this.#jobOf(move, asked => (ask = asked))]);
    return ask();
  }

  #jobOf<T>(move: Move<T>, onAnswer: (ask: () => T | Promise<T>) => void): Job {
    const { id, order, change, answer } = move;
    let isGone = false;
    return {
      id,
      onBehalf: this.#options.onBehalf?.() ?? nobody,
      workOut: registering => {
        const { waker } = this.#options;
        const subject = waker.find(id, order, registering);
        // Its wake ended a removal that an earlier life had begun: who orders it registers it anew, after that.
        isGone = order !== null && subject.state.status === 'done';
        if (!isGone) change(subject);
        return subject;
      },
      done: handle => onAnswer(() => (isGone ? this.move(move) : answer(handle))),
      failed: error =>
        onAnswer(() => {
          throw error instanceof Refusal ? error : unwritable(error);
        }),
    };
  }

  #do(jobs: Iterable<Job>): void {
    const begun = this.#options.clock.now();
    const workedOut: { job: Job; subject: Subject }[] = [];
    let registering = 0;
    for (const job of jobs) {
      try {
        const subject = job.workOut(registering);
        if (subject === null) continue;
        if (subject.isNew) registering++;
        workedOut.push({ job, subject });
      } catch (error) {
        job.failed(error);
      }
    }
    const outcomes = this.#record(
      workedOut.map(({ subject }) => subject),
      begun,
    );
    for (const { job, subject } of workedOut)
      job.onBehalf(() => this.#conclude(job, subject, outcomes(subject)));
  }

  /** Makes what was worked out durable. @returns what became of each */
  #record(subjects: readonly Subject[], begun: number): (subject: Subject) => Outcome {
    const { store, clock } = this.#options;
    const written = subjects.filter(({ drafts }) => drafts.length > 0);
    if (written.length === 0) return ({ token }) => ({ token, seq: null });
    try {
      const appends = written.map(({ id, token, drafts }) => ({ id, expected: token, drafts }));
      const appended = store.commitAll(appends);
      const outcomes = new Map(written.map((subject, n) => [subject, appended[n]]));
      return subject => outcomes.get(subject) ?? { token: subject.token, seq: null };
    } catch (fault) {
      return subject => (subject.drafts.length > 0 ? { fault } : { token: subject.token, seq: null });
    } finally {
      this.#turns.spent(clock.now() - begun);
    }
  }

  #conclude(job: Job, subject: Subject, outcome: Outcome): void {
    const { live, waker } = this.#options;
    if ('fault' in outcome) {
      live.events.emit('unwritten', subject.id, subject.drafts[0]?.event.type ?? '', outcome.fault);
      waker.abandon(subject, outcome.fault);
      job.failed(outcome.fault);
      return;
    }
    try {
      const { origin, steps, drafts } = subject;
      let seq = (outcome.seq ?? 0) - drafts.length + 1;
      const handle = 'draft' in origin ? live.register(origin, seq++) : origin;
      handle.take(steps, seq, outcome.token);
      job.done(handle);
    } catch (error) {
      job.failed(error);
    }
  }
}

const nobody = (work: () => void) => work();

type Outcome = Exclude<Appended, { fault: unknown }> | { readonly fault: unknown };

function settle<T>(
  ask: () => T | Promise<T>,
  resolve: (answer: T | Promise<T>) => void,
  reject: (error: unknown) => void,
) {
  try {
    resolve(ask());
  } catch (error) {
    reject(error);
  }
}
