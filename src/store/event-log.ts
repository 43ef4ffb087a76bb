/**
 * The event log port. One log in global order holds the records of all services; a head per service
 * holds its last record; documents hold what is too bulky or too secret for a record.
 *
 * All verbs are synchronous: an `append` that returned is durable (invariant 7 rests on it).
 */

import type { ConflictError, UnreadableRecordError } from './errors.ts';

/** Plain data that survives the log's encoding unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The version written into every new record; readers upcast older ones and refuse newer ones. */
export const RECORD_VERSION = 3;

/** What a service's statechart is after a record: the state value (as XState writes it) and the context. */
export interface DurableState {
  readonly value: Json;
  readonly context: JsonObject;
}

/** One event that changed the state of one service, and the state it led to. */
export interface LogRecord {
  readonly v: number;
  /** Position in the global order; starts at 1 and only grows. */
  readonly seq: number;
  readonly id: string;
  /** Position within the service's present incarnation; starts at 1 with its registration. */
  readonly n: number;
  /** `seq` of the service's previous record; 0 for its first. */
  readonly prev: number;
  /** Epoch milliseconds at which the event was taken. */
  readonly at: number;
  readonly event: JsonObject & { readonly type: string };
  readonly to: DurableState;
}

/** What is owed to a service that is not simply at rest; the only thing boot reads. */
export interface Owed {
  /** True when the service had a start under way, a backend, or processes still to be ended. */
  readonly running: boolean;
  /** Epoch milliseconds at which a timer is due; null when none is. */
  readonly dueAt: number | null;
}

/** A record before the log has given it its place. */
export interface Draft {
  readonly at: number;
  readonly event: LogRecord['event'];
  readonly to: DurableState;
  /** null: at rest, nothing owed. */
  readonly owed: Owed | null;
  /** Documents to put (a value) or to drop (null) in the same transaction. */
  readonly documents?: Readonly<Record<string, JsonObject | null>>;
  /** The service is gone after this record: its head, documents and debts go, its id is free again. */
  readonly removed?: boolean;
}

/** The expected version of an append: opaque to callers. Take it from `NO_TOKEN`, `append` or `head`. */
export type Token = number & { readonly __token: never };
export const NO_TOKEN = 0 as Token;

export interface Head {
  readonly record: LogRecord;
  readonly token: Token;
}

/** What the log may keep of the past. The newest record of all stays whatever it says. */
export interface Retention {
  /** Most records kept. */
  readonly maxRecords: number;
  /** Epoch ms; records from before may go. */
  readonly before: number;
}

/** What is appended to one service, at most one of these in a transaction. */
export interface Append {
  readonly id: string;
  readonly expected: Token;
  readonly drafts: readonly Draft[];
}

/** What became of it: durable, with the `seq` of its last record (null: it had none), or left out for a fault of its own. */
export type Appended =
  | { readonly token: Token; readonly seq: number | null }
  | { readonly fault: ConflictError | UnreadableRecordError };

export interface EventLog {
  /**
   * Appends the drafts as one durable transaction.
   * @throws {ConflictError} the service's head is not at `expected`; nothing was written
   * @throws {StorageError} the log could not be written (disk full, read-only, closed); nothing was written
   */
  append(id: string, expected: Token, drafts: readonly Draft[]): Token;
  /**
   * Appends to several services in one durable transaction: a storm of transitions costs one sync of the disk.
   * @returns what became of each, in order; a conflict leaves out one of them and spoils no other
   * @throws {StorageError} nothing of any of them was written
   */
  appendAll(appends: readonly Append[]): readonly Appended[];
  /** The last record of a service, or undefined when there is no such service.
   * @throws {UnreadableRecordError} the head is damaged or of a newer version */
  head(id: string): Head | undefined;
  /** The present incarnation's records with `seq` ≥ `from`, oldest first, as far as retention kept them. */
  read(id: string, from?: number): LogRecord[];
  /** The newest `limit` records of the present incarnation, oldest first: what a wake folds. Reads no others. */
  recent(id: string, limit: number): LogRecord[];
  /** Up to `limit` records of all services with `seq` > `after`, in global order. */
  tail(after: number, limit: number): LogRecord[];
  /** A document of a service (see `Draft.documents`), or undefined. */
  document(id: string, name: string): JsonObject | undefined;
  /** Ids of all services that have a head, in key order, after `after`, at most `limit`. */
  ids(after?: string, limit?: number): string[];
  /** How many services have a head. */
  count(): number;
  /** What is owed, by service, in key order, after `after`; read once at boot, and to find services that are not at rest. */
  owed(after?: string): Iterable<{ readonly id: string; readonly owed: Owed }>;
  /** What is owed to one service; null when nothing is, or there is no such service. */
  owedTo(id: string): Owed | null;
  /** `seq` of the newest record of all; 0 when the log is empty. */
  lastSeq(): number;
  /** `seq` of the last record that was appended through here; 0 before the first. Known without a read, so it cannot fail. */
  readonly appendedSeq: number;
  /**
   * Removes the oldest records that may go, at most `budget` of them, as one durable transaction; heads and documents
   * stay, so that no service is lost. Age is told by the order of records: none goes while an older one stays.
   * @returns how many were removed; fewer than `budget` means that nothing is left to remove
   * @throws {StorageError} nothing was removed
   */
  prune(retention: Retention, budget: number): number;
  /** Flushes and releases the file and its lock. Idempotent. */
  close(): Promise<void>;
}
