/**
 * Keeps the records of sessions on disk. Writes that come in one turn of the event loop are one transaction, so that no
 * session costs a sync of its own under load; a use is written about once a minute.
 */
import { StorageError, UnreadableRecordError } from '../../store/errors.ts';
import type { SessionKey, SessionStore } from '../../store/session-store.ts';
import { fromStored, type SessionRecord, toStored } from './record.ts';

/** Uses noted, and expired sessions removed, in one transaction. */
const BATCH = 1_000;
/** Ended sessions that wait for their removal; while nothing can be written further ones are left to the sweep. */
const MAX_ENDED = 10_000;

export interface KeeperOptions {
  readonly store: SessionStore;
  /** Hears of what could not be written or read: such a session does not survive a restart. */
  readonly onFault: (error: unknown) => void;
}

export class SessionKeeper {
  readonly #store: SessionStore;
  readonly #onFault: (error: unknown) => void;
  readonly #changed = new Map<string, SessionRecord>();
  readonly #ended = new Map<string, SessionRecord>();
  #saved: Promise<void> | null = null;

  constructor({ store, onFault }: KeeperOptions) {
    this.#store = store;
    this.#onFault = onFault;
  }

  /** Number of stored sessions. */
  get count(): number {
    return this.#attempt(() => this.#store.count) ?? 0;
  }

  /** The record of a session that is not live; null when there is none, or none that can be read. */
  find(key: SessionKey): SessionRecord | null {
    if (this.#ended.has(key.id)) return null;
    try {
      const stored = this.#store.get(key);
      return stored === undefined ? null : fromStored(stored);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      this.#onFault(error);
      return null;
    }
  }

  /** Resolves when the record is durable, or could not be made so. */
  save(record: SessionRecord): Promise<void> {
    this.#changed.set(record.id, record);
    return this.#soon();
  }

  /** Resolves when the record is gone, or could not be removed. */
  forget(record: SessionRecord): Promise<void> {
    this.#changed.delete(record.id);
    if (this.#ended.size < MAX_ENDED) this.#ended.set(record.id, record);
    return this.#soon();
  }

  /** Forgets the sessions of a service, live or not; says which. */
  forgetService(serviceId: string): readonly string[] {
    this.flush();
    return (
      this.#attempt(() => {
        const ids = this.#store.of(serviceId);
        this.#store.remove(ids.map(id => ({ serviceId, id })));
        return ids;
      }) ?? []
    );
  }

  /** Notes the last uses of live sessions, a batch per turn. */
  touch(records: readonly SessionRecord[]): void {
    for (let at = 0; at < records.length; at += BATCH) {
      const batch = records.slice(at, at + BATCH);
      setImmediate(() => this.#attempt(() => this.#touch(batch)));
    }
  }

  /** One whose stored record is damaged is stored afresh: the sweep would take it, and it is in use. */
  #touch(records: readonly SessionRecord[]): void {
    const live = records.filter(({ id }) => !this.#ended.has(id));
    const uses = live.map(({ serviceId, id, lastUsedAt }) => ({ serviceId, id, usedAt: lastUsedAt }));
    const damaged = new Set(this.#store.touch(uses).map(({ id }) => id));
    for (const record of live) {
      if (!damaged.has(record.id)) continue;
      const service = JSON.stringify(record.serviceId);
      this.#onFault(
        new UnreadableRecordError(`a session of service ${service} was damaged; it is stored afresh`),
      );
      void this.save(record);
    }
  }

  /** Removes some of the sessions last used before `usedBefore` (epoch ms); says which. */
  sweep(usedBefore: number): readonly string[] {
    return this.#attempt(() => this.#store.sweep(usedBefore, BATCH).map(({ id }) => id)) ?? [];
  }

  /** Writes what is not written yet. What cannot be written is tried again with the next change. */
  flush(): void {
    this.#saved = null;
    const [changed, ended] = [[...this.#changed.values()], [...this.#ended.values()]];
    this.#attempt(() => {
      if (ended.length > 0) this.#store.remove(ended);
      this.#ended.clear();
      if (changed.length > 0) this.#put(changed);
      this.#changed.clear();
    });
  }

  /** One that nobody could ever write must not keep the others from being stored. @throws {StorageError} */
  #put(changed: readonly SessionRecord[]): void {
    try {
      this.#store.put(changed.map(toStored));
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if (changed.length === 1) this.#onFault(error);
      else for (const record of changed) this.#put([record]);
    }
  }

  #soon(): Promise<void> {
    this.#saved ??= new Promise(resolve => {
      setImmediate(() => {
        this.flush();
        resolve();
      });
    });
    return this.#saved;
  }

  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#onFault(error);
      return undefined;
    }
  }
}
