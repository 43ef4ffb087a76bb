/** The event log in memory: the twin of LmdbLog for tests and for gateways that keep nothing. */
import { faultApart, lastSeqOf, onlyOne } from './appended.ts';
import { StorageError } from './errors.ts';
import type {
  Append,
  Appended,
  Draft,
  EventLog,
  Head,
  JsonObject,
  LogRecord,
  Owed,
  Retention,
  Token,
} from './event-log.ts';
import { place, requireStorableId, tokenOf } from './placement.ts';

interface Entry {
  head: string;
  owed: Owed | null;
  readonly documents: Map<string, string>;
}

/** Keeps JSON text, so that no caller shares an object with the log or with another caller. */
export class MemoryLog implements EventLog {
  /** The records from `#pruned` + 1 on. */
  readonly #records: string[] = [];
  #pruned = 0;
  #appendedSeq = 0;
  readonly #services = new Map<string, Entry>();
  #closed = false;

  append(id: string, expected: Token, drafts: readonly Draft[]): Token {
    return onlyOne(this.appendAll([{ id, expected, drafts }]));
  }

  appendAll(appends: readonly Append[]): readonly Appended[] {
    this.#requireOpen();
    for (const { id } of appends) requireStorableId(id);
    const appended = appends.map(append => faultApart(() => this.#place(append)));
    this.#appendedSeq = lastSeqOf(appended) ?? this.#appendedSeq;
    return appended;
  }

  #place({ id, expected, drafts }: Append): Appended {
    const placement = place(id, expected, this.head(id)?.record, this.lastSeq(), drafts);
    const texts = placement.records.map(record => JSON.stringify(record));
    const last = texts.at(-1);
    if (last === undefined) return { token: expected, seq: null };
    this.#records.push(...texts);
    if (placement.forget) this.#services.delete(id);
    if (placement.head) {
      const documents = this.#services.get(id)?.documents ?? new Map<string, string>();
      for (const [name, document] of placement.documents) {
        if (document) documents.set(name, JSON.stringify(document));
        else documents.delete(name);
      }
      this.#services.set(id, { head: last, owed: placement.owed && { ...placement.owed }, documents });
    }
    return { token: tokenOf(placement.head), seq: this.lastSeq() };
  }

  get appendedSeq(): number {
    return this.#appendedSeq;
  }

  head(id: string): Head | undefined {
    this.#requireOpen();
    const entry = this.#services.get(id);
    if (!entry) return undefined;
    const record = parse<LogRecord>(entry.head);
    return { record, token: tokenOf(record) };
  }

  read(id: string, from = 1): LogRecord[] {
    return this.#history(id, from, Number.POSITIVE_INFINITY);
  }

  recent(id: string, limit: number): LogRecord[] {
    return this.#history(id, 1, limit);
  }

  tail(after: number, limit: number): LogRecord[] {
    this.#requireOpen();
    const from = Math.max(0, after - this.#pruned);
    return this.#records.slice(from, from + limit).map(text => parse<LogRecord>(text));
  }

  document(id: string, name: string): JsonObject | undefined {
    this.#requireOpen();
    const text = this.#services.get(id)?.documents.get(name);
    return text === undefined ? undefined : parse<JsonObject>(text);
  }

  ids(after?: string, limit?: number): string[] {
    this.#requireOpen();
    const ids = [...this.#services.keys()].sort(byBytes);
    const following = after === undefined ? ids : ids.filter(id => byBytes(id, after) > 0);
    return following.slice(0, limit);
  }

  *owed(after?: string): Generator<{ readonly id: string; readonly owed: Owed }> {
    for (const id of this.ids(after)) {
      const owed = this.#services.get(id)?.owed;
      if (owed) yield { id, owed: { ...owed } };
    }
  }

  owedTo(id: string): Owed | null {
    this.#requireOpen();
    const owed = this.#services.get(id)?.owed;
    return owed ? { ...owed } : null;
  }

  count(): number {
    this.#requireOpen();
    return this.#services.size;
  }

  lastSeq(): number {
    this.#requireOpen();
    return this.#pruned + this.#records.length;
  }

  prune({ maxRecords, before }: Retention, budget: number): number {
    this.#requireOpen();
    const most = Math.min(budget, this.#records.length - 1);
    const excess = this.#records.length - Math.max(1, maxRecords);
    let count = Math.max(0, Math.min(most, excess));
    while (count < most && parse<LogRecord>(this.#records[count] ?? '').at < before) count++;
    this.#records.splice(0, count);
    this.#pruned += count;
    return count;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #requireOpen(): void {
    if (this.#closed) throw new StorageError('the event log is closed');
  }

  #history(id: string, from: number, limit: number): LogRecord[] {
    const records: LogRecord[] = [];
    let seq = this.head(id)?.record.seq ?? 0;
    while (seq > 0 && seq >= from && records.length < limit) {
      const text = this.#records[seq - this.#pruned - 1];
      if (text === undefined) break;
      const record = parse<LogRecord>(text);
      records.push(record);
      seq = record.prev;
    }
    return records.reverse();
  }
}

function parse<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** The order of keys in LMDB: that of their UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
