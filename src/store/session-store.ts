/**
 * The session store port: what a client's session needs to outlive the gateway, as plain records. All verbs are
 * synchronous; one that returned is durable. Each takes as many sessions as there are, to be one transaction for all.
 */
import type { JsonObject } from './event-log.ts';

/** A session id is looked up under its service alone: it is good for no other. */
export interface SessionKey {
  readonly serviceId: string;
  readonly id: string;
}

export interface SessionUse extends SessionKey {
  /** Epoch ms of its last use. */
  readonly usedAt: number;
}

export interface StoredSession extends SessionUse {
  /** Whatever the session's owner needs to bring it back; the store does not look into it. */
  readonly data: JsonObject;
}

export interface SessionStoreOptions {
  /** Most sessions kept; what was used least recently goes first. */
  readonly maxStoredSessions: number;
}

export const DEFAULT_SESSION_STORE: SessionStoreOptions = { maxStoredSessions: 20_000 };

export interface SessionStore {
  readonly count: number;
  /** Adds or replaces. @throws {StorageError} nothing was written */
  put(sessions: readonly StoredSession[]): void;
  /** @throws {UnreadableRecordError} its record is damaged */
  get(key: SessionKey): StoredSession | undefined;
  /** Unknown ones are passed over. @throws {StorageError} nothing was written */
  remove(keys: readonly SessionKey[]): void;
  /** Ids of the sessions of a service, in key order. */
  of(serviceId: string): string[];
  /**
   * Notes the last use of those that are stored.
   * @returns those whose record is damaged: they have to be put afresh, or the sweep takes them
   * @throws {StorageError} nothing was written
   */
  touch(uses: readonly SessionUse[]): SessionUse[];
  /** Removes up to `limit` sessions last used before `usedBefore` (epoch ms) and says which. @throws {StorageError} */
  sweep(usedBefore: number, limit: number): SessionKey[];
}
