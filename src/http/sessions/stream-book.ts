/**
 * What is kept of all clients' streams, within bounds (invariant 10), and when it is written.
 *
 * Events are written in batches, at most `FLUSH_MS` after they were sent: a crash may lose the last of them, and whoever
 * resumes there gets an error instead. A read writes first, so that nothing kept is ever missed.
 */
import type { Clock } from '../../backends/clock.ts';
import type { KeptEvent, StreamChange, StreamKey, StreamStore } from '../../store/stream-store.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { OVERHEAD_BYTES, type StreamEntry, StreamShelf } from './stream-shelf.ts';

export interface StreamBookOptions {
  readonly store: StreamStore;
  readonly settings: ReplaySettings;
  readonly clock: Clock;
  /** Hears of what could not be written or read: those events are not kept. */
  readonly onFault: (error: unknown) => void;
}

/** What is kept of one stream behind a place in it. */
export interface Kept {
  readonly events: readonly KeptEvent[];
  /** Number of the stream's last event; null when it has none (yet). */
  readonly lastN: number | null;
}

const FLUSH_MS = 100;
const FLUSH_BYTES = 1024 * 1024;
/** The bytes of a stream are noted for the next life as a multiple of that, rounded up, so that few events need a note. */
const NOTED_BYTES = 1024;
/** Streams forgotten in one go, when their time is over. */
const SWEEP = 64;

export class StreamBook {
  readonly #options: StreamBookOptions;
  readonly #shelf: StreamShelf;
  #changes: StreamChange[] = [];
  #changedBytes = 0;
  readonly #dirty = new Set<StreamEntry>();
  #flushTimer: unknown = null;
  #sweepTimer: unknown = null;

  /** Takes over what an earlier life kept; its streams count as ended now. */
  constructor(options: StreamBookOptions) {
    this.#options = options;
    this.#shelf = new StreamShelf(options.settings, change => this.#changes.push(change));
    const heads = this.#attempt(() => options.store.streams()) ?? [];
    for (const head of heads) this.#shelf.inherit(head, options.clock.now());
    this.#armSweep();
  }

  /** Bytes kept, what is remembered of each stream included. */
  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** The stream's place, for `keep`: looked up for each event, it would be most of what keeping costs. */
  begin(key: StreamKey): StreamEntry {
    const entry = this.#shelf.begin(key);
    this.#dirty.add(entry);
    this.#armFlush();
    return entry;
  }

  /** Keeps an event of a stream that has begun; false when it is larger than the bounds, or the stream is forgotten. */
  keep(entry: StreamEntry, n: number, text: string): boolean {
    const bytes = Buffer.byteLength(text);
    if (!this.#shelf.admit(entry, n, bytes)) return false;
    this.#changes.push({ ...entry.key, do: 'keep', n, text });
    this.#changedBytes += bytes;
    this.#dirty.add(entry);
    if (this.#changedBytes >= FLUSH_BYTES) this.flush();
    else this.#armFlush();
    return true;
  }

  /** The stream's last event was `lastN`; from now on it is kept for `replayWindowMs`. */
  end(key: StreamKey, lastN: number): void {
    const entry = this.#shelf.end(key, lastN, this.#options.clock.now());
    if (entry === undefined) return;
    this.#dirty.add(entry);
    this.#armFlush();
    this.#armSweep();
  }

  /** undefined when nothing is known of the stream (any more). */
  read(key: StreamKey, after: number): Kept | undefined {
    this.flush();
    const entry = this.#shelf.find(key);
    const events = entry && this.#attempt(() => this.#options.store.events(key, after));
    return entry && { events: events ?? [], lastN: entry.lastN };
  }

  /** Ids of the streams of a session that are known. */
  streamsOf(sessionId: string): Iterable<string> {
    return this.#shelf.streamsOf(sessionId);
  }

  forgetSession(sessionId: string): void {
    this.#shelf.forgetSession(sessionId);
    if (this.#changes.length > 0) this.#armFlush();
  }

  /** Writes what is not written yet, as one transaction. */
  flush(): void {
    if (this.#flushTimer !== null) this.#options.clock.clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    const changes = this.#changes;
    const noted = this.#takeNotes(changes);
    this.#changes = [];
    this.#changedBytes = 0;
    this.#dirty.clear();
    if (changes.length === 0) return;
    const isWritten = this.#attempt(() => {
      this.#options.store.write(changes);
      return true;
    });
    if (!isWritten) for (const entry of noted) entry.notedBytes = null;
  }

  /** Adds to `changes` what has to be noted of the streams themselves; returns those. */
  #takeNotes(changes: StreamChange[]): readonly StreamEntry[] {
    const noted: StreamEntry[] = [];
    for (const entry of this.#dirty) {
      const bytes = Math.ceil((entry.bytes - OVERHEAD_BYTES) / NOTED_BYTES) * NOTED_BYTES;
      if (entry.forgotten || (bytes === entry.notedBytes && entry.lastN === null)) continue;
      entry.notedBytes = bytes;
      noted.push(entry);
      changes.push({ ...entry.key, do: 'note', bytes, lastN: entry.lastN });
    }
    return noted;
  }

  /** Writes what is not written yet and stops the timers. */
  close(): void {
    this.flush();
    if (this.#sweepTimer !== null) this.#options.clock.clearTimeout(this.#sweepTimer);
    this.#sweepTimer = null;
  }

  #armFlush(): void {
    this.#flushTimer ??= this.#options.clock.setTimeout(() => this.flush(), FLUSH_MS);
  }

  #armSweep(): void {
    if (this.#sweepTimer !== null || this.#shelf.ended === 0) return;
    const delayMs = Math.ceil(this.#options.settings.replayWindowMs / 4);
    this.#sweepTimer = this.#options.clock.setTimeout(() => this.#sweep(), delayMs);
  }

  #sweep(): void {
    this.#sweepTimer = null;
    const endedBefore = this.#options.clock.now() - this.#options.settings.replayWindowMs;
    while (this.#shelf.forgetEnded(endedBefore, SWEEP) > 0) this.flush();
    this.#armSweep();
  }

  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#options.onFault(error);
      return undefined;
    }
  }
}
