/** The session store in the tables `sessions` and `sessionUses` of the data file. */
import type { LmdbFile } from './lmdb-file.ts';
import type { LmdbHandle } from './lmdb-handle.ts';
import { expireSession, forgetSession, oldestUses, readSession, writeSession } from './lmdb-session-rows.ts';
import { isStorableId } from './placement.ts';
import {
  DEFAULT_SESSION_STORE,
  type SessionKey,
  type SessionStore,
  type SessionStoreOptions,
  type SessionUse,
  type StoredSession,
} from './session-store.ts';

/** Bytes of pages that one session's change may touch: a leaf of either table, twice. */
const BYTES_PER_CHANGE = 16 * 1024;
/** Longest id, in UTF-16 units; a longer one could not be a key. */
const MAX_ID_LENGTH = 256;

export class LmdbSessionStore implements SessionStore {
  readonly #handle: LmdbHandle;
  readonly #max: number;
  /** null: not counted yet, or not since a write failed. */
  #count: number | null = null;

  constructor(handle: LmdbHandle, options: SessionStoreOptions = DEFAULT_SESSION_STORE) {
    this.#handle = handle;
    this.#max = options.maxStoredSessions;
  }

  get count(): number {
    this.#count ??= this.#handle.read('count the sessions of', file => file.sessions.getKeysCount({}));
    return this.#count;
  }

  put(sessions: readonly StoredSession[]): void {
    const textBytes = Buffer.byteLength(JSON.stringify(sessions));
    const before = this.count;
    this.#write(textBytes, sessions.length, file => {
      let change = 0;
      for (const session of sessions) change += writeSession(file, session);
      const excess = before + change - this.#max;
      if (excess <= 0) return change;
      for (const use of oldestUses(file, Number.POSITIVE_INFINITY, excess))
        change -= expireSession(file, use);
      return change;
    });
  }

  get(key: SessionKey): StoredSession | undefined {
    return isKey(key) ? this.#handle.read('read a session of', file => readSession(file, key)) : undefined;
  }

  remove(keys: readonly SessionKey[]): void {
    const known = keys.filter(isKey);
    this.#write(0, known.length, file => known.reduce((change, key) => change - forgetSession(file, key), 0));
  }

  of(serviceId: string): string[] {
    if (!isStorableId(serviceId)) return [];
    return this.#handle.read('list the sessions of', file => {
      const ids: string[] = [];
      for (const [service, id] of file.sessions.getKeys({ start: [serviceId, ''] })) {
        if (service !== serviceId) break;
        ids.push(id);
      }
      return ids;
    });
  }

  touch(uses: readonly SessionUse[]): void {
    const stored = uses.flatMap(use => {
      const session = this.get(use);
      return session === undefined || session.usedAt === use.usedAt ? [] : [{ ...session, ...use }];
    });
    if (stored.length > 0) this.put(stored);
  }

  sweep(usedBefore: number, limit: number): SessionKey[] {
    const uses = this.#handle.read('sweep the sessions of', file => oldestUses(file, usedBefore, limit));
    this.#write(0, uses.length, file => uses.reduce((change, use) => change - expireSession(file, use), 0));
    return uses.map(({ serviceId, id }) => ({ serviceId, id }));
  }

  /** @param change writes, and says how many sessions there are more than before */
  #write(textBytes: number, changes: number, change: (file: LmdbFile) => number): void {
    if (changes === 0) return;
    const before = this.count;
    this.#count = null;
    let difference = 0;
    this.#handle.write('write the sessions to', textBytes + changes * BYTES_PER_CHANGE, file => {
      difference = change(file);
    });
    this.#count = before + difference;
  }
}

function isKey({ serviceId, id }: SessionKey): boolean {
  return isStorableId(serviceId) && isStorableId(id) && id.length <= MAX_ID_LENGTH;
}
