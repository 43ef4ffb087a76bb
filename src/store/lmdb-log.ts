/** The event log in an embedded LMDB file: the default of one gateway on one machine. */

import { faultApart, lastSeqOf, onlyOne } from './appended.ts';
import { claimDataDir } from './data-dir-lock.ts';
import { diskBytesOf } from './data-file.ts';
import type {
  Append,
  Appended,
  Draft,
  EventLog,
  Head,
  JsonObject,
  LogRecord,
  Owed,
  Retention,
  Token,
} from './event-log.ts';
import { newestSeq, writeAppend } from './lmdb-append.ts';
import { openLmdbFile, openLmdbFileForReading } from './lmdb-file.ts';
import { LmdbHandle } from './lmdb-handle.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { BYTES_PER_REMOVAL, pruneOldest } from './lmdb-prune.ts';
import {
  countHeads,
  countRecords,
  readDocument,
  readHead,
  readHistory,
  readOwed,
  readOwedPage,
  readTail,
  startingAfter,
} from './lmdb-read.ts';
import { BYTES_PER_CHANGE, sessionIdsOf } from './lmdb-session-rows.ts';
import { isStorableId, requireStorableId, tokenOf } from './placement.ts';

export interface LmdbLogOptions {
  /** Created when missing, with its parents, mode 0700. */
  readonly dataDir: string;
}

/**
 * Opens the file of a data directory and claims the directory for this process.
 * @throws {StorageError} in use by another gateway, damaged, of a newer format, or not accessible
 */
export function openDataDir({ dataDir }: LmdbLogOptions): LmdbHandle {
  return new LmdbHandle(dataDir, openLmdbFile(dataDir, { admit: claimDataDir }));
}

/**
 * Opens the file of a data directory for reading alone, whether a gateway runs over it or not; claims nothing.
 * @throws {StorageError} there is none, it is damaged, of another format, or not accessible
 */
export function openDataDirForReading({ dataDir }: LmdbLogOptions): LmdbHandle {
  return new LmdbHandle(dataDir, openLmdbFileForReading(dataDir));
}

/** The log of a data directory of its own. @throws {StorageError} as `openDataDir` */
export function openLmdbLog(options: LmdbLogOptions): LmdbLog {
  return new LmdbLog(openDataDir(options));
}

/** Hears of each transaction of appends how long it took, in ms, and whether it failed. */
export type OnAppended = (durationMs: number, failed: boolean) => void;

export class LmdbLog implements EventLog {
  readonly #handle: LmdbHandle;
  readonly #appended: OnAppended;
  #appendedSeq = 0;

  constructor(handle: LmdbHandle, appended: OnAppended = () => {}) {
    this.#handle = handle;
    this.#appended = appended;
  }

  append(id: string, expected: Token, drafts: readonly Draft[]): Token {
    return onlyOne(this.appendAll([{ id, expected, drafts }]));
  }

  appendAll(appends: readonly Append[]): readonly Appended[] {
    let bytes = 0;
    for (const { id, drafts } of appends) {
      requireStorableId(id);
      bytes += Buffer.byteLength(JSON.stringify(drafts)) + this.#removalBytes(id, drafts);
    }
    let appended: readonly Appended[] = [];
    const begun = performance.now();
    let failed = true;
    try {
      this.#handle.write('append to the event log', bytes, file => {
        appended = appends.map(append => faultApart(() => writeAppend(file, append)));
      });
      failed = appended.every(each => 'fault' in each);
    } finally {
      this.#appended(performance.now() - begun, failed);
    }
    this.#appendedSeq = lastSeqOf(appended) ?? this.#appendedSeq;
    return appended;
  }

  get appendedSeq(): number {
    return this.#appendedSeq;
  }

  head(id: string): Head | undefined {
    const record = this.#read(file => readHead(file, id));
    return record && { record, token: tokenOf(record) };
  }

  read(id: string, from = 1): LogRecord[] {
    return this.#read(file => readHistory(file, id, from, Number.POSITIVE_INFINITY));
  }

  recent(id: string, limit: number): LogRecord[] {
    return this.#read(file => readHistory(file, id, 1, limit));
  }

  tail(after: number, limit: number): LogRecord[] {
    return this.#read(file => readTail(file, after, limit));
  }

  document(id: string, name: string): JsonObject | undefined {
    return this.#read(file => readDocument(file, id, name));
  }

  ids(after?: string, limit?: number): string[] {
    const range = { ...startingAfter(after), ...(limit === undefined ? {} : { limit }) };
    return this.#read(file => [...file.heads.getKeys(range)]);
  }

  count(): number {
    return this.#read(countHeads);
  }

  *owed(after?: string): Generator<{ readonly id: string; readonly owed: Owed }> {
    let page = this.#read(file => readOwedPage(file, after));
    while (page.length > 0) {
      yield* page;
      const last = page.at(-1)?.id;
      page = this.#read(file => readOwedPage(file, last));
    }
  }

  owedTo(id: string): Owed | null {
    return this.#read(file => (isStorableId(id) ? readOwed(file, id) : null));
  }

  lastSeq(): number {
    return this.#read(newestSeq);
  }

  /** How many records are kept, and how much of the disk the whole file takes. @throws {StorageError} */
  size(): { readonly records: number; readonly diskBytes: number } {
    return this.#read(file => ({ records: countRecords(file), diskBytes: diskBytesOf(file.fd) }));
  }

  prune(retention: Retention, budget: number): number {
    let removed = 0;
    this.#handle.write('prune the event log', budget * BYTES_PER_REMOVAL, file => {
      removed = pruneOldest(file, retention, budget);
    });
    return removed;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** A service that is removed takes its sessions along. */
  #removalBytes(id: string, drafts: readonly Draft[]): number {
    if (!drafts.some(({ removed }) => removed === true)) return 0;
    return this.#read(file => sessionIdsOf(file, id)).length * BYTES_PER_CHANGE;
  }

  #read<T>(reading: (file: LmdbFile) => T): T {
    return this.#handle.read('read the event log', reading);
  }
}
