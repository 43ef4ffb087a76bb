/** An event log whose appends fail, take their time, or are the last thing the process does, as a test says. */
import { StorageError } from '../../src/store/errors.ts';
import type { EventLog } from '../../src/store/event-log.ts';

/**
 * - `fails`: nothing is written, the next one may succeed
 * - `slow`: it succeeds, after a while in which nothing else happens
 * - `slow, then fails`: as a disk that gives up after its own retries
 * - `stops before`, `stops after`: the process ends, with nothing written, or with the record durable and no effect begun
 */
export type AppendFate = 'works' | 'fails' | 'slow' | 'slow, then fails' | 'stops before' | 'stops after';

/** How long a slow append takes, in ms: longer than the patience of some. */
const SLOW_MS = 5000;

export class StorageFaults {
  /** What becomes of the next appends; those after them work. */
  readonly appends: AppendFate[] = [];
  /** While true every append fails. */
  diskFull = false;
  /** While true every read fails. */
  unreadable = false;

  /** Everything works from now on. */
  mend(): void {
    this.appends.length = 0;
    this.diskFull = false;
    this.unreadable = false;
  }
}

/** One life's view of a log. */
export interface LifeOfLog {
  readonly faults: StorageFaults;
  /** What a life that is over still tries to write or to read goes nowhere. */
  isOver(): boolean;
  /** The process stops here. */
  stop(): void;
  stall(ms: number): void;
}

export function faultyLog(log: EventLog, life: LifeOfLog): EventLog {
  const { faults } = life;
  const read = <T>(reading: () => T): T => {
    if (life.isOver()) throw new StorageError('this life is over');
    if (faults.unreadable) throw new StorageError('the disk cannot be read; mend it and try again');
    return reading();
  };
  const write = <T>(writing: () => T): T => {
    if (life.isOver()) throw new StorageError('this life is over');
    const fate = faults.diskFull ? 'fails' : (faults.appends.shift() ?? 'works');
    if (fate.startsWith('slow')) life.stall(SLOW_MS);
    if (fate === 'stops before') life.stop();
    if (!['works', 'slow', 'stops after'].includes(fate))
      throw new StorageError('no space left; free some and try again');
    const written = writing();
    if (fate !== 'stops after') return written;
    life.stop();
    throw new StorageError('this life is over');
  };
  return {
    append: (id, expected, drafts) => write(() => log.append(id, expected, drafts)),
    appendAll: appends => write(() => log.appendAll(appends)),
    head: id => read(() => log.head(id)),
    read: (id, from) => read(() => log.read(id, from)),
    recent: (id, limit) => read(() => log.recent(id, limit)),
    tail: (after, limit) => read(() => log.tail(after, limit)),
    document: (id, name) => read(() => log.document(id, name)),
    ids: (after, limit) => read(() => log.ids(after, limit)),
    count: () => read(() => log.count()),
    owed: after => read(() => log.owed(after)),
    owedTo: id => read(() => log.owedTo(id)),
    lastSeq: () => read(() => log.lastSeq()),
    get appendedSeq() {
      return log.appendedSeq;
    },
    prune: (retention, budget) => log.prune(retention, budget),
    close: async () => {},
  };
}
