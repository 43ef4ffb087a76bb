/** Which events of which streams are kept, and which go to make room (invariant 10). Pure bookkeeping. */
import type { StreamChange, StreamHead, StreamKey } from '../../store/stream-store.ts';
import type { ReplaySettings } from './replay-settings.ts';

/** What is remembered of a stream, apart from its events, counts as that much. */
export const OVERHEAD_BYTES = 512;

export interface StreamEntry {
  readonly key: StreamKey;
  /** Its events that are kept, oldest first; null for a stream of an earlier life, which gets no more. */
  readonly kept: { readonly n: number; readonly bytes: number }[] | null;
  /** Of its events, and the overhead. */
  bytes: number;
  /** What was last noted of its bytes. */
  notedBytes: number | null;
  lastN: number | null;
  /** Clock time in ms; null while it goes on. */
  endedAt: number | null;
  /** It went to make room, or with its session or time. */
  forgotten: boolean;
  /** Where it stands. */
  readonly shelf: SessionShelf;
}

/** The streams of one session, oldest first. */
interface SessionShelf {
  readonly entries: Set<StreamEntry>;
  bytes: number;
}

export class StreamShelf {
  readonly #settings: ReplaySettings;
  readonly #change: (change: StreamChange) => void;
  /** Oldest first. */
  readonly #entries = new Map<string, StreamEntry>();
  readonly #bySession = new Map<string, SessionShelf>();
  /** In the order of their ends. */
  readonly #ended = new Set<StreamEntry>();
  #bytes = 0;

  /** @param change hears of everything that has to go */
  constructor(settings: ReplaySettings, change: (change: StreamChange) => void) {
    this.#settings = settings;
    this.#change = change;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of streams that have ended. */
  get ended(): number {
    return this.#ended.size;
  }

  find(key: StreamKey): StreamEntry | undefined {
    return this.#entries.get(nameOf(key));
  }

  /** The streams of a session that are known, oldest first; those of earlier lives in no order. */
  *streamsOf(sessionId: string): Iterable<string> {
    for (const { key } of this.#bySession.get(sessionId)?.entries ?? []) yield key.streamId;
  }

  begin(key: StreamKey): StreamEntry {
    const entry = this.#add(key, { kept: [], bytes: OVERHEAD_BYTES, lastN: null, endedAt: null });
    this.#makeRoom(entry, 0);
    return entry;
  }

  inherit({ sessionId, streamId, bytes, lastN }: StreamHead, now: number): void {
    const key = { sessionId, streamId };
    this.#ended.add(this.#add(key, { kept: null, bytes: bytes + OVERHEAD_BYTES, lastN, endedAt: now }));
  }

  /** Makes room for an event and counts it; false when there can be none. */
  admit(entry: StreamEntry, n: number, bytes: number): boolean {
    const { maxReplayEvents, maxReplayBytes } = this.#settings;
    if (entry.forgotten || entry.kept === null || bytes > maxReplayBytes) return false;
    while (entry.kept.length >= maxReplayEvents) this.#dropOldest(entry);
    while (entry.bytes - OVERHEAD_BYTES + bytes > maxReplayBytes) this.#dropOldest(entry);
    if (!this.#makeRoom(entry, bytes)) return false;
    entry.kept.push({ n, bytes });
    this.#grow(entry, bytes);
    return true;
  }

  end(key: StreamKey, lastN: number, now: number): StreamEntry | undefined {
    const entry = this.find(key);
    if (entry === undefined || entry.endedAt !== null) return undefined;
    entry.lastN = lastN;
    entry.endedAt = now;
    this.#ended.add(entry);
    return entry;
  }

  forgetSession(sessionId: string): void {
    for (const entry of [...(this.#bySession.get(sessionId)?.entries ?? [])]) this.#forget(entry);
  }

  /** Forgets up to `limit` streams that ended before that clock time; returns how many. */
  forgetEnded(endedBefore: number, limit: number): number {
    let forgotten = 0;
    for (const entry of this.#ended) {
      if (forgotten === limit || entry.endedAt === null || entry.endedAt > endedBefore) break;
      this.#forget(entry);
      forgotten++;
    }
    return forgotten;
  }

  #add(key: StreamKey, stream: Pick<StreamEntry, 'kept' | 'bytes' | 'lastN' | 'endedAt'>): StreamEntry {
    const shelf = this.#bySession.get(key.sessionId) ?? { entries: new Set(), bytes: 0 };
    const { kept, bytes, lastN, endedAt } = stream;
    const entry = { key, kept, bytes, notedBytes: null, lastN, endedAt, forgotten: false, shelf };
    this.#entries.set(nameOf(key), entry);
    this.#bySession.set(key.sessionId, shelf);
    shelf.entries.add(entry);
    shelf.bytes += entry.bytes;
    this.#bytes += entry.bytes;
    return entry;
  }

  /** Makes room for so many bytes more in a stream; false when there can be none. */
  #makeRoom(entry: StreamEntry, bytes: number): boolean {
    const { maxSessionReplayBytes, maxTotalReplayBytes } = this.#settings;
    const { shelf } = entry;
    const sessionFull = () => shelf.bytes + bytes > maxSessionReplayBytes;
    const full = () => this.#bytes + bytes > maxTotalReplayBytes;
    return this.#clear(shelf.entries, entry, sessionFull) && this.#clear(this.#entries.values(), entry, full);
  }

  /** What is oldest goes first; of the stream itself only what nothing else can make room for. */
  #clear(among: Iterable<StreamEntry>, entry: StreamEntry, full: () => boolean): boolean {
    if (!full()) return true;
    for (const other of among) {
      if (other !== entry) this.#shed(other);
      if (!full()) return true;
    }
    while (entry.kept !== null && entry.kept.length > 0) {
      this.#dropOldest(entry);
      if (!full()) return true;
    }
    return false;
  }

  #shed(entry: StreamEntry): void {
    if (entry.endedAt !== null) this.#forget(entry);
    else while (entry.kept !== null && entry.kept.length > 0) this.#dropOldest(entry);
  }

  #dropOldest(entry: StreamEntry): void {
    const oldest = entry.kept?.shift();
    if (oldest === undefined) return;
    this.#grow(entry, -oldest.bytes);
    this.#change({ ...entry.key, do: 'drop', n: oldest.n });
  }

  #forget(entry: StreamEntry): void {
    const { key, shelf } = entry;
    entry.forgotten = true;
    shelf.entries.delete(entry);
    this.#grow(entry, -entry.bytes);
    if (shelf.entries.size === 0) this.#bySession.delete(key.sessionId);
    this.#entries.delete(nameOf(key));
    this.#ended.delete(entry);
    this.#change({ ...key, do: 'forget' });
  }

  #grow(entry: StreamEntry, bytes: number): void {
    entry.shelf.bytes += bytes;
    entry.bytes += bytes;
    this.#bytes += bytes;
  }
}

function nameOf({ sessionId, streamId }: StreamKey): string {
  return `${sessionId} ${streamId}`;
}
