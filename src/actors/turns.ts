/**
 * How much is written to the log in one turn of the event loop. A few transactions are made at once; when many services move in
 * the same turn (a storm of starts, a boot, a network that is gone), the others wait for its end and share a transaction:
 * one sync of the disk instead of hundreds, in slices that the event loop can bear. What waits has not begun yet, so nobody
 * sees a state that is not on record.
 */
import type { Clock } from '../backends/clock.ts';

export interface TurnsOptions<Job> {
  readonly clock: Clock;
  /** Most transactions of a turn that are made at once. Default 8: more than one service needs. */
  readonly mostAlone?: number | undefined;
  /** Does jobs, each of another service, in one transaction. It stops asking for more when it has taken long enough. */
  doTogether(jobs: Iterable<Job>): void;
}

const MOST_ALONE = 8;
/** Time that the transactions of a turn may take before others wait, in ms. */
const ALONE_MS = 10;
/** Time after which no more jobs join a shared transaction, in ms: to write it, and what follows, takes several times as long. */
const JOINING_MS = 4;
/** Most jobs that share a transaction. */
const MOST_TOGETHER = 64;

export class Turns<Job extends { readonly id: string }> {
  readonly #options: TurnsOptions<Job>;
  readonly #mostAlone: number;
  /** By service, each in order of arrival. */
  readonly #queue = new Map<string, Job[]>();
  #waiting = 0;
  #made = 0;
  #spentMs = 0;
  #endsSoon = false;

  constructor(options: TurnsOptions<Job>) {
    this.#options = options;
    this.#mostAlone = options.mostAlone ?? MOST_ALONE;
  }

  /** This turn has had its transactions, or others wait: what moves a service has to wait, too. */
  get areMany(): boolean {
    return this.#waiting > 0 || this.#made >= this.#mostAlone || this.#spentMs >= ALONE_MS;
  }

  /** Jobs that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A transaction was made. */
  spent(ms: number): void {
    this.#made++;
    this.#spentMs += ms;
    this.#endSoon();
  }

  /** Has a job done with others', at the end of this turn or of a later one; those of one service in order of arrival. */
  enqueue(job: Job): void {
    const queued = this.#queue.get(job.id);
    if (queued === undefined) this.#queue.set(job.id, [job]);
    else queued.push(job);
    this.#waiting++;
    this.#endSoon();
  }

  #endSoon(): void {
    if (this.#endsSoon) return;
    this.#endsSoon = true;
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#endsSoon = false;
    this.#made = 0;
    this.#spentMs = 0;
    if (this.#waiting === 0) return;
    this.#made = this.#mostAlone; // the shared one is this turn's: what follows from it waits for the next
    this.#endSoon();
    this.#options.doTogether(this.#slice());
  }

  /** The first job of each service, as many as one turn bears. */
  *#slice(): Generator<Job> {
    const { clock } = this.#options;
    const end = clock.now() + JOINING_MS;
    const ids = [...this.#queue.keys()].slice(0, MOST_TOGETHER);
    for (const [done, id] of ids.entries()) {
      if (done > 0 && clock.now() >= end) return;
      const job = this.#take(id);
      if (job !== undefined) yield job;
    }
  }

  /** Whoever has more to come queues up again. */
  #take(id: string): Job | undefined {
    const queued = this.#queue.get(id);
    const job = queued?.shift();
    if (queued === undefined || job === undefined) return undefined;
    this.#waiting--;
    this.#queue.delete(id);
    if (queued.length > 0) this.#queue.set(id, queued);
    return job;
  }
}
