/** The gateway's log as read from outside: every record there ever was, folded as it comes. */
import { foldOn, type ServiceSnapshot } from '../../src/actors/replay.ts';
import { serviceProblem } from '../../src/actors/verify-service.ts';
import type { LogRecord } from '../../src/store/event-log.ts';
import type { LmdbHandle } from '../../src/store/lmdb-handle.ts';
import { LmdbLog, openDataDirForReading } from '../../src/store/lmdb-log.ts';

const PAGE = 1000;

export class LogBook {
  readonly records: LogRecord[] = [];
  /** State of every service there is, by folding its records. */
  readonly states = new Map<string, ServiceSnapshot>();
  readonly #dataDir: string;
  #lastSeq = 0;
  #reader: LmdbHandle | null = null;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Reads what was appended since the last time and folds it. Returns what is wrong with it. */
  read(): string[] {
    const log = this.#open();
    const wrong: string[] = [];
    for (;;) {
      const page = log.tail(this.#lastSeq, PAGE);
      for (const record of page) wrong.push(...this.#take(record));
      if (page.length < PAGE) break;
    }
    const ids = log.ids();
    for (const id of ids) {
      const head = log.head(id)?.record;
      const problem = head ? serviceProblem(log, head) : 'it has an id, but no head';
      if (problem !== null) wrong.push(`invariant 6: ${id}: ${problem}`);
    }
    if (ids.join('\n') !== [...this.states.keys()].sort().join('\n'))
      wrong.push(`invariant 6: heads of ${ids}, but records of ${[...this.states.keys()]}`);
    return wrong;
  }

  /** `seq` of the record a service's state is from at this very moment; 0 when there is no such service. */
  headSeq(id: string): number {
    const log = this.#open();
    this.#reader?.read('look afresh at', file => file.root.resetReadTxn());
    return log.head(id)?.record.seq ?? 0;
  }

  /** Lets the file go; the next read opens it again. */
  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  /** Records after `seq`. */
  since(seq: number): LogRecord[] {
    return this.records.filter(record => record.seq > seq);
  }

  /** The service that ever had a config with one of these fingerprints; undefined when none had. */
  idOf(fingerprints: readonly string[]): string | undefined {
    return this.records.find(({ to }) => fingerprints.includes(String(to.context.config)))?.id;
  }

  #take(record: LogRecord): string[] {
    const { seq, id, prev } = record;
    const wrong: string[] = [];
    if (this.#lastSeq > 0 && seq !== this.#lastSeq + 1)
      wrong.push(`record ${seq} follows ${this.#lastSeq}: some are missing`);
    this.#lastSeq = seq;
    this.records.push(record);
    const before = prev === 0 ? null : (this.states.get(id) ?? null);
    const { state, divergence } = foldOn(before, [record]);
    if (divergence !== null) wrong.push(`invariant 6: ${divergence.reason}`);
    if (state === null || state.status === 'done') this.states.delete(id);
    else this.states.set(id, state);
    return wrong;
  }

  #open(): LmdbLog {
    this.#reader ??= openDataDirForReading({ dataDir: this.#dataDir });
    return new LmdbLog(this.#reader);
  }
}
