/** The event log in memory: the twin of LmdbLog for tests and for gateways that keep nothing. */
import { StorageError } from './errors.ts';
import type { Draft, EventLog, Head, JsonObject, LogRecord, Owed, Token } from './event-log.ts';
import { place, requireStorableId, tokenOf } from './placement.ts';

interface Entry {
  head: string;
  owed: Owed | null;
  readonly documents: Map<string, string>;
}

/** Keeps JSON text, so that no caller shares an object with the log or with another caller. */
export class MemoryLog implements EventLog {
  readonly #records: string[] = [];
  readonly #services = new Map<string, Entry>();
  #closed = false;

  append(id: string, expected: Token, drafts: readonly Draft[]): Token {
    this.#requireOpen();
    requireStorableId(id);
    const placement = place(id, expected, this.head(id)?.record, this.#records.length, drafts);
    const texts = placement.records.map(record => JSON.stringify(record));
    const last = texts.at(-1);
    if (last === undefined) return expected;
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
    return tokenOf(placement.head);
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
    return this.#records.slice(after, after + limit).map(text => parse<LogRecord>(text));
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

  *owed(): Generator<{ readonly id: string; readonly owed: Owed }> {
    for (const id of this.ids()) {
      const owed = this.#services.get(id)?.owed;
      if (owed) yield { id, owed: { ...owed } };
    }
  }

  lastSeq(): number {
    this.#requireOpen();
    return this.#records.length;
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
      const text = this.#records[seq - 1];
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
