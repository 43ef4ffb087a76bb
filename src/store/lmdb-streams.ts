/** The stream store in the tables `streams` and `streamEvents` of the data file. */

import type { LmdbHandle } from './lmdb-handle.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import type { KeptEvent, StreamChange, StreamHead, StreamKey, StreamStore } from './stream-store.ts';

/** Bytes of pages that one change may touch besides its text: a leaf, twice. */
const BYTES_PER_CHANGE = 8 * 1024;
/** The same where the events of a whole stream go. */
const BYTES_PER_FORGET = 1024 * 1024;

export class LmdbStreamStore implements StreamStore {
  readonly #handle: LmdbHandle;

  constructor(handle: LmdbHandle) {
    this.#handle = handle;
  }

  write(changes: readonly StreamChange[]): void {
    if (changes.length === 0) return;
    const bytes = changes.reduce((sum, change) => sum + bytesOf(change), 0);
    this.#handle.write('write the streams to', bytes, file => {
      for (const change of changes) apply(file, change);
    });
  }

  events({ sessionId, streamId }: StreamKey, after: number): KeptEvent[] {
    return this.#handle.read('read a stream of', file => {
      const events: KeptEvent[] = [];
      const start: [string, string, number] = [sessionId, streamId, after];
      for (const { key, value } of file.streamEvents.getRange({ start, exclusiveStart: true })) {
        if (key[0] !== sessionId || key[1] !== streamId) break;
        events.push({ n: key[2], text: value });
      }
      return events;
    });
  }

  streams(): StreamHead[] {
    return this.#handle.read('read the streams of', file =>
      [...file.streams.getRange()].map(({ key: [sessionId, streamId], value }) => {
        const { bytes, lastN } = Object(value) as Partial<StreamHead>;
        return { sessionId, streamId, bytes: Number(bytes) || 0, lastN: lastN ?? null };
      }),
    );
  }
}

function apply(file: LmdbFile, change: StreamChange): void {
  const { sessionId, streamId } = change;
  switch (change.do) {
    case 'keep':
      file.streamEvents.putSync([sessionId, streamId, change.n], change.text);
      break;
    case 'drop':
      file.streamEvents.removeSync([sessionId, streamId, change.n]);
      break;
    case 'note':
      file.streams.putSync([sessionId, streamId], { bytes: change.bytes, lastN: change.lastN });
      break;
    case 'forget':
      forget(file, change);
  }
}

function forget(file: LmdbFile, { sessionId, streamId }: StreamKey): void {
  file.streams.removeSync([sessionId, streamId]);
  const keys: [string, string, number][] = [];
  for (const key of file.streamEvents.getKeys({ start: [sessionId, streamId, 0] })) {
    if (key[0] !== sessionId || key[1] !== streamId) break;
    keys.push(key);
  }
  for (const key of keys) file.streamEvents.removeSync(key);
}

function bytesOf(change: StreamChange): number {
  if (change.do === 'forget') return BYTES_PER_FORGET;
  return BYTES_PER_CHANGE + (change.do === 'keep' ? Buffer.byteLength(change.text) : 0);
}
