/** The session store in the tables `sessions` and `sessionUses` of the data file. */

import { UnreadableRecordError } from './errors.ts';
import type { LmdbHandle } from './lmdb-handle.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import {
  BYTES_PER_CHANGE,
  countSessions,
  expireSession,
  forgetSession,
  oldestUses,
  readSession,
  sessionIdsOf,
  writeSession,
} from './lmdb-session-rows.ts';
import { isStorableId } from './placement.ts';
import {
  DEFAULT_SESSION_STORE,
  type SessionKey,
  type SessionStore,
  type SessionStoreOptions,
  type SessionUse,
  type StoredSession,
} from './session-store.ts';

/** Longest id, in UTF-16 units; a longer one could not be a key. */
const MAX_ID_LENGTH = 256;

export class LmdbSessionStore implements SessionStore {
  readonly #handle: LmdbHandle;
  readonly #max: number;

  constructor(handle: LmdbHandle, options: SessionStoreOptions = DEFAULT_SESSION_STORE) {
    this.#handle = handle;
    this.#max = options.maxStoredSessions;
  }

  get count(): number {
    return this.#handle.read('count the sessions of', countSessions);
  }

  put(sessions: readonly StoredSession[]): void {
    const textBytes = Buffer.byteLength(JSON.stringify(sessions));
    const before = this.count;
    this.#write(textBytes, sessions.length, file => {
      let count = before;
      for (const session of sessions) count += writeSession(file, session);
      for (const use of oldestUses(file, Number.POSITIVE_INFINITY, Math.max(0, count - this.#max)))
        expireSession(file, use);
    });
  }

  get(key: SessionKey): StoredSession | undefined {
    return isKey(key) ? this.#handle.read('read a session of', file => readSession(file, key)) : undefined;
  }

  remove(keys: readonly SessionKey[]): void {
    const known = keys.filter(isKey);
    this.#write(0, known.length, file => {
      for (const key of known) forgetSession(file, key);
    });
  }

  of(serviceId: string): string[] {
    if (!isStorableId(serviceId)) return [];
    return this.#handle.read('list the sessions of', file => sessionIdsOf(file, serviceId));
  }

  touch(uses: readonly SessionUse[]): SessionUse[] {
    const stored: StoredSession[] = [];
    const damaged: SessionUse[] = [];
    for (const use of uses) {
      try {
        const session = this.get(use);
        if (session !== undefined && session.usedAt !== use.usedAt) stored.push({ ...session, ...use });
      } catch (error) {
        if (!(error instanceof UnreadableRecordError)) throw error;
        damaged.push(use);
      }
    }
    if (stored.length > 0) this.put(stored);
    return damaged;
  }

  sweep(usedBefore: number, limit: number): SessionKey[] {
    const uses = this.#handle.read('sweep the sessions of', file => oldestUses(file, usedBefore, limit));
    this.#write(0, uses.length, file => {
      for (const use of uses) expireSession(file, use);
    });
    return uses.map(({ serviceId, id }) => ({ serviceId, id }));
  }

  #write(textBytes: number, changes: number, change: (file: LmdbFile) => void): void {
    if (changes === 0) return;
    this.#handle.write('write the sessions to', textBytes + changes * BYTES_PER_CHANGE, change);
  }
}

function isKey({ serviceId, id }: SessionKey): boolean {
  return isStorableId(serviceId) && isStorableId(id) && id.length <= MAX_ID_LENGTH;
}
