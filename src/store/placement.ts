/** What one append does to a service, worked out before anything is written. Pure. */
import { ConflictError, StorageError } from './errors.ts';
import {
  type Draft,
  type JsonObject,
  type LogRecord,
  NO_TOKEN,
  type Owed,
  RECORD_VERSION,
  type Token,
} from './event-log.ts';

export interface Placement {
  readonly records: readonly LogRecord[];
  /** True when the service was removed on the way: what was stored of it goes before the rest is applied. */
  readonly forget: boolean;
  /** The new head; null when the service is gone. */
  readonly head: LogRecord | null;
  readonly owed: Owed | null;
  readonly documents: ReadonlyMap<string, JsonObject | null>;
}

/** A place in a service's history; `NOWHERE` before its first record. */
export type Position = Pick<LogRecord, 'seq' | 'n'>;
const NOWHERE: Position = { seq: 0, n: 0 };

/**
 * Gives drafts their places: `n` counts on from the head, `prev` is the head's `seq`; a first record, and
 * the first after a removal, has `n` 1 and `prev` 0.
 * @param lastSeq `seq` of the newest record of all services
 * @throws {ConflictError} the head is not at `expected`
 */
export function place(
  id: string,
  expected: Token,
  head: Position | undefined,
  lastSeq: number,
  drafts: readonly Draft[],
): Placement {
  let at = head ?? NOWHERE;
  if (at.seq !== expected) {
    throw new ConflictError(`service ${JSON.stringify(id)} is at record ${at.seq}, not at ${expected}`);
  }
  const records: LogRecord[] = [];
  const documents = new Map<string, JsonObject | null>();
  let forget = false;
  let last: LogRecord | null = null;
  for (const draft of drafts) {
    const seq = lastSeq + records.length + 1;
    last = {
      v: RECORD_VERSION,
      seq,
      id,
      n: at.n + 1,
      prev: at.seq,
      at: draft.at,
      event: draft.event,
      to: draft.to,
    };
    records.push(last);
    if (draft.removed) {
      forget = true;
      documents.clear();
      at = NOWHERE;
      last = null;
    } else {
      for (const [name, document] of Object.entries(draft.documents ?? {})) documents.set(name, document);
      at = last;
    }
  }
  return { records, forget, head: last, owed: last ? (drafts.at(-1)?.owed ?? null) : null, documents };
}

/** True for an append that leaves nothing of the service: the only one a service with an unreadable head takes. */
export function endsInRemoval(expected: Token, drafts: readonly Draft[]): boolean {
  return expected === NO_TOKEN && drafts.at(-1)?.removed === true;
}

/** The version a service is at after a placement. */
export function tokenOf(record: Position | null | undefined): Token {
  return (record?.seq ?? NO_TOKEN) as Token;
}

/**
 * Whether an id can be a key. Half a surrogate pair cannot: two such ids would be one key.
 */
export function isStorableId(id: string): boolean {
  return id !== '' && !/\p{Surrogate}/u.test(id);
}

/** @throws {StorageError} see `isStorableId` */
export function requireStorableId(id: string): void {
  if (!isStorableId(id)) {
    throw new StorageError(
      `${JSON.stringify(id)} cannot be a service id: it must be well-formed, non-empty text`,
    );
  }
}
