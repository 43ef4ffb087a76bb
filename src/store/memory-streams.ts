/** The stream store in memory: the twin of LmdbStreamStore. */
import type { KeptEvent, StreamChange, StreamHead, StreamKey, StreamStore } from './stream-store.ts';

export class MemoryStreamStore implements StreamStore {
  readonly #heads = new Map<string, StreamHead>();
  readonly #events = new Map<string, Map<number, string>>();

  write(changes: readonly StreamChange[]): void {
    for (const change of changes) this.#apply(change);
  }

  events(key: StreamKey, after: number): KeptEvent[] {
    const events = [...(this.#events.get(nameOf(key)) ?? [])].map(([n, text]) => ({ n, text }));
    return events.filter(({ n }) => n > after).sort((a, b) => a.n - b.n);
  }

  streams(): StreamHead[] {
    return [...this.#heads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, head]) => head);
  }

  #apply(change: StreamChange): void {
    const { sessionId, streamId } = change;
    const name = nameOf(change);
    const events = this.#events.get(name) ?? new Map<number, string>();
    if (change.do === 'keep') this.#events.set(name, events.set(change.n, change.text));
    else if (change.do === 'drop') events.delete(change.n);
    else if (change.do === 'note')
      this.#heads.set(name, { sessionId, streamId, bytes: change.bytes, lastN: change.lastN });
    else {
      this.#heads.delete(name);
      this.#events.delete(name);
    }
  }
}

function nameOf({ sessionId, streamId }: StreamKey): string {
  return JSON.stringify([sessionId, streamId]);
}
