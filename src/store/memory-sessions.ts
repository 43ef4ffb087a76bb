/** The session store in memory: the twin of LmdbSessionStore. */
import {
  DEFAULT_SESSION_STORE,
  type SessionKey,
  type SessionStore,
  type SessionStoreOptions,
  type SessionUse,
  type StoredSession,
} from './session-store.ts';

interface Row extends SessionUse {
  /** As JSON text, so that no caller shares an object with the store. */
  readonly text: string;
}

export class MemorySessionStore implements SessionStore {
  readonly #rows = new Map<string, Row>();
  readonly #max: number;

  constructor(options: SessionStoreOptions = DEFAULT_SESSION_STORE) {
    this.#max = options.maxStoredSessions;
  }

  get count(): number {
    return this.#rows.size;
  }

  put(sessions: readonly StoredSession[]): void {
    for (const { serviceId, id, usedAt, data } of sessions) {
      this.#rows.set(nameOf({ serviceId, id }), { serviceId, id, usedAt, text: JSON.stringify(data) });
    }
    const excess = this.#rows.size - this.#max;
    if (excess > 0) this.remove(this.#oldest().slice(0, excess));
  }

  get(key: SessionKey): StoredSession | undefined {
    const row = this.#rows.get(nameOf(key));
    if (row === undefined) return undefined;
    const { text, ...use } = row;
    return { ...use, data: JSON.parse(text) };
  }

  remove(keys: readonly SessionKey[]): void {
    for (const key of keys) this.#rows.delete(nameOf(key));
  }

  of(serviceId: string): string[] {
    const rows = [...this.#rows.values()].filter(row => row.serviceId === serviceId);
    return rows.map(({ id }) => id).sort();
  }

  touch(uses: readonly SessionUse[]): SessionUse[] {
    for (const use of uses) {
      const row = this.#rows.get(nameOf(use));
      if (row !== undefined) this.#rows.set(nameOf(use), { ...row, usedAt: use.usedAt });
    }
    return [];
  }

  sweep(usedBefore: number, limit: number): SessionKey[] {
    const expired = this.#oldest()
      .filter(({ usedAt }) => usedAt < usedBefore)
      .slice(0, limit);
    this.remove(expired);
    return expired.map(({ serviceId, id }) => ({ serviceId, id }));
  }

  #oldest(): Row[] {
    return [...this.#rows.values()].sort((a, b) => a.usedAt - b.usedAt);
  }
}

function nameOf({ serviceId, id }: SessionKey): string {
  return JSON.stringify([serviceId, id]);
}
