/**
 * The past of one service, read off the log: its records lead backwards from its head, each naming the one before. Long
 * walks yield to the event loop, and keep no more than they return.
 */
import { UnreadableRecordError } from '../store/errors.ts';
import type { EventLog, LogRecord } from '../store/event-log.ts';

export interface HistoryPage {
  /** Oldest first. */
  readonly records: readonly LogRecord[];
  /** There are more, further on in the direction of the page. */
  readonly more: boolean;
}

/** What there is to say of a moment. */
export type Moment =
  | { readonly found: 'record'; readonly record: LogRecord }
  /** The service was registered later. */
  | { readonly found: 'not yet' }
  /** Its records of then are no longer kept; the first that is. */
  | { readonly found: 'pruned'; readonly keptFrom: number };

/** Records read in one turn of the event loop: one or two ms. */
const SLICE = 200;

export class History {
  readonly #log: Pick<EventLog, 'head' | 'tail'>;

  constructor(log: Pick<EventLog, 'head' | 'tail'>) {
    this.#log = log;
  }

  /** The first `limit` records with `seq` > `after`; undefined: no such service. @throws {UnreadableRecordError | StorageError} */
  async after(id: string, after: number, limit: number): Promise<HistoryPage | undefined> {
    const head = this.#log.head(id)?.record;
    if (head === undefined) return undefined;
    const records: LogRecord[] = [];
    let more = false;
    await this.#back(head, record => {
      if (record.seq <= after) return false;
      records.push(record);
      if (records.length > limit) {
        records.shift();
        more = true;
      }
      return true;
    });
    return { records: records.reverse(), more };
  }

  /** The last `limit` records with `seq` < `before`; undefined: no such service. @throws {UnreadableRecordError | StorageError} */
  async before(id: string, before: number, limit: number): Promise<HistoryPage | undefined> {
    const head = this.#log.head(id)?.record;
    if (head === undefined) return undefined;
    const records: LogRecord[] = [];
    // A page begins where the one before it ended, so that its record is mostly one of this service.
    const known = before < head.seq ? this.#record(before) : undefined;
    await this.#back(known?.id === id ? known : head, record => {
      if (record.seq < before) records.push(record);
      return records.length <= limit;
    });
    const more = records.length > limit;
    return { records: records.slice(0, limit).reverse(), more };
  }

  /** The last record at or before a moment; undefined: no such service. @throws {UnreadableRecordError | StorageError} */
  async at(id: string, isPast: (record: LogRecord) => boolean): Promise<Moment | undefined> {
    const head = this.#log.head(id)?.record;
    if (head === undefined) return undefined;
    let last = head;
    await this.#back(head, record => {
      last = record;
      return !isPast(record);
    });
    if (isPast(last)) return { found: 'record', record: last };
    return last.prev === 0 ? { found: 'not yet' } : { found: 'pruned', keptFrom: last.seq };
  }

  /** Shows the records from `newest` backwards until `go` says no, or there is none. */
  async #back(newest: LogRecord, go: (record: LogRecord) => boolean): Promise<void> {
    let record: LogRecord | undefined = newest;
    for (let read = 1; record !== undefined && go(record); read++) {
      if (read % SLICE === 0) await new Promise(resolve => setImmediate(resolve));
      const { id, prev }: LogRecord = record;
      record = prev === 0 ? undefined : this.#record(prev);
      if (record !== undefined && record.id !== id)
        throw new UnreadableRecordError(`record ${prev} is damaged: evergate log verify tells more`, prev);
    }
  }

  /** undefined: it is no longer kept. */
  #record(seq: number): LogRecord | undefined {
    const [record] = this.#log.tail(seq - 1, 1);
    return record?.seq === seq ? record : undefined;
  }
}
