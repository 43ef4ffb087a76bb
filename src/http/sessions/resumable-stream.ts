/** One stream as its client knows it: it outlives its connections, and every event has one place in it. */
import type { StreamKey } from '../../store/stream-store.ts';
import { eventId } from './event-ids.ts';
import type { StreamBook } from './stream-book.ts';
import type { StreamEntry } from './stream-shelf.ts';

/** A server-sent event, without line breaks in any field. */
export interface ServerEvent {
  readonly data: string;
  /** Absent: `message`. */
  readonly event?: string;
  readonly id?: string;
  readonly retryMs?: number;
}

/** One connection that reads a stream. */
export interface Reader {
  /** False when the reader is gone, or is closed now because it does not read. */
  write(event: ServerEvent): boolean;
  /** Closes the connection after what was written. Idempotent. */
  end(): void;
}

export interface StreamOptions {
  readonly book: StreamBook;
  readonly now: () => number;
  /** How long, in ms, events are kept for a reader that is gone. */
  readonly windowMs: number;
  /** Sent at the start of each connection, with the id to resume from; null: nothing is (before revision 2025-11-25). */
  readonly priming: { readonly retryMs: number } | null;
}

export class ResumableStream {
  readonly key: StreamKey;
  readonly #options: StreamOptions;
  readonly #entry: StreamEntry;
  #reader: Reader | null = null;
  /** Clock time in ms; null while a reader is there, and before the first. */
  #abandonedAt: number | null = null;
  /** Number of the newest event. */
  #last = 0;
  /** Number of the newest event that was written to a reader. */
  #sent = 0;

  constructor(key: StreamKey, options: StreamOptions) {
    this.key = key;
    this.#options = options;
    this.#entry = options.book.begin(key);
  }

  get id(): string {
    return this.key.streamId;
  }

  /** Sends to the reader, or keeps for the next one; false when there will be none. `text` has no line break. */
  send(text: string): boolean {
    return this.#send(text, false);
  }

  /** Sends the stream's last event and closes the connection. */
  finish(text: string): void {
    this.#send(text, true);
    this.#options.book.end(this.key, this.#last);
    this.end();
  }

  /** Closes the connection, not the stream. */
  end(): void {
    this.#reader?.end();
  }

  /**
   * Makes `reader` the stream's reader, in place of any other, and sends it the events after `after`; without it, those
   * that were never sent to any.
   */
  connect(reader: Reader, after = this.#sent): void {
    const { book, priming } = this.#options;
    const before = this.#reader;
    this.#reader = reader;
    this.#abandonedAt = null;
    before?.end();
    if (priming !== null) reader.write({ id: eventId(this.id, after), retryMs: priming.retryMs, data: '' });
    if (after >= this.#last) return;
    for (const { n, text } of book.read(this.key, after)?.events ?? []) {
      if (!reader.write({ id: eventId(this.id, n), data: text })) return;
      this.#sent = Math.max(this.#sent, n);
    }
  }

  /** The connection is gone; false when it was not the stream's any more. */
  disconnect(reader: Reader): boolean {
    if (this.#reader !== reader) return false;
    this.#reader = null;
    this.#abandonedAt = this.#options.now();
    return true;
  }

  #send(text: string, last: boolean): boolean {
    const { book, now, windowMs } = this.#options;
    if (this.#abandonedAt !== null && now() - this.#abandonedAt > windowMs) return false;
    const n = ++this.#last;
    const kept = book.keep(this.#entry, n, text);
    if (this.#reader?.write({ id: eventId(this.id, n, last), data: text }) !== true) return kept;
    this.#sent = n;
    return true;
  }
}
