/**
 * Records as they are committed, for any number of readers: read from the log once for all that are up to date. Who comes
 * late catches up from the log by itself, and joins the others where they are: no record is left out or told twice,
 * because each reader is told those behind the last it was told, in order, and the log is the only source.
 */
import type { Clock } from '../backends/clock.ts';
import { UnreadableRecordError } from '../store/errors.ts';
import type { EventLog, LogRecord } from '../store/event-log.ts';
import type { LiveServices } from './live.ts';

export interface FeedReader {
  record(record: LogRecord): void;
  /** Records `from` to `to` are no longer kept, or cannot be read. */
  gap(from: number, to: number): void;
  /** Was told all there is for now. */
  flush(): void;
  /** Asked while it catches up: resolves when it can take more. */
  ready(): Promise<void>;
  /** The log cannot be read: nothing more will come. */
  failed(): void;
}

export interface RecordFeedOptions {
  readonly log: Pick<EventLog, 'tail' | 'lastSeq'>;
  /** Tells that there is something new. */
  readonly events: LiveServices['events'];
  readonly clock: Clock;
  onFault(error: unknown): void;
}

interface Place {
  readonly reader: FeedReader;
  /** `seq` of the last record it was told, or need not be. */
  at: number;
  left: boolean;
}

/** Records read in one turn of the event loop. */
const SLICE = 128;
/** After news, what comes within this time, in ms, is told together: each telling costs a write to every reader. */
const GATHER_MS = 100;

export class RecordFeed {
  readonly #log: RecordFeedOptions['log'];
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  /** Those that were told everything up to `#position`. */
  readonly #upToDate = new Set<Place>();
  #position = 0;
  #scheduled = false;

  constructor({ log, events, clock, onFault }: RecordFeedOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#onFault = onFault;
    const wake = () => this.#wake();
    events.on('registered', wake);
    events.on('transition', wake);
  }

  /**
   * Tells `reader` every record behind `after`, or from now on (null), until the returned call. A place that the log has
   * not come to yet is of another log: then from now on, too.
   */
  follow(reader: FeedReader, after: number | null): () => void {
    const present = this.#log.lastSeq();
    const place: Place = { reader, at: Math.min(after ?? present, present), left: false };
    if (!this.#join(place)) void this.#catchUp(place);
    return () => {
      place.left = true;
      this.#upToDate.delete(place);
    };
  }

  /** Whether it knows as much as the others do: then it goes on with them. */
  #join(place: Place): boolean {
    if (this.#upToDate.size === 0) this.#position = this.#log.lastSeq();
    if (place.at < this.#position) return false;
    this.#upToDate.add(place);
    return true;
  }

  async #catchUp(place: Place): Promise<void> {
    try {
      while (!place.left && !this.#join(place)) {
        const told = this.#tell([place], place.at);
        if (told === null) place.at = this.#position;
        await place.reader.ready();
        await new Promise(resolve => setImmediate(resolve));
      }
    } catch (error) {
      this.#onFault(error);
      place.reader.failed();
    }
  }

  #wake(): void {
    if (this.#scheduled || this.#upToDate.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#scheduled = false;
    if (this.#upToDate.size === 0) return;
    try {
      const last = this.#tell([...this.#upToDate], this.#position);
      if (last === null) return;
      const isMore = last - this.#position >= SLICE;
      this.#position = last;
      if (isMore) this.#wake();
      else this.#gather();
    } catch (error) {
      this.#onFault(error); // what is new now is told along with what comes next
    }
  }

  #gather(): void {
    this.#scheduled = true;
    this.#clock.setTimeout(() => this.#pump(), GATHER_MS);
  }

  /** Tells the places what is behind `after`, as far as one turn goes. Returns the last `seq`; null: there is nothing. */
  #tell(places: readonly Place[], after: number): number | null {
    const { records, unreadable } = this.#read(after);
    for (const place of places) {
      for (const record of records) {
        if (!place.left && record.seq > place.at) tellOne(place, record);
      }
      if (unreadable !== null && !place.left) {
        place.reader.gap(place.at + 1, unreadable);
        place.at = unreadable;
      }
      if (!place.left) place.reader.flush();
    }
    return records.at(-1)?.seq ?? unreadable;
  }

  #read(after: number): { records: readonly LogRecord[]; unreadable: number | null } {
    try {
      return { records: this.#log.tail(after, SLICE), unreadable: null };
    } catch (error) {
      if (!(error instanceof UnreadableRecordError) || error.seq === null) throw error;
      return { records: [], unreadable: error.seq };
    }
  }
}

function tellOne(place: Place, record: LogRecord): void {
  if (record.seq > place.at + 1) place.reader.gap(place.at + 1, record.seq - 1);
  place.at = record.seq;
  place.reader.record(record);
}
