/** The event log in an embedded LMDB file: the default of one gateway on one machine. */
import { claimDataDir, releaseDataDir } from './data-dir-lock.ts';
import { ensureRoom } from './data-file.ts';
import { ConflictError, StorageError, UnreadableRecordError } from './errors.ts';
import type { Draft, EventLog, Head, JsonObject, LogRecord, Owed, Token } from './event-log.ts';
import { newestSeq, writeAppend } from './lmdb-append.ts';
import { closeLmdbFile, dataFilePath, type LmdbFile, openLmdbFile } from './lmdb-file.ts';
import { readDocument, readHead, readHistory, readOwedPage, readTail, startingAfter } from './lmdb-read.ts';
import { requireStorableId, tokenOf } from './placement.ts';
import { asStoreError } from './storage-faults.ts';

export interface LmdbLogOptions {
  /** Created when missing, with its parents, mode 0700. */
  readonly dataDir: string;
}

/**
 * Opens the log of a data directory and claims the directory for this process.
 * @throws {StorageError} in use by another gateway, damaged, of a newer format, or not accessible
 */
export function openLmdbLog({ dataDir }: LmdbLogOptions): LmdbLog {
  return new LmdbLog(dataDir, openLmdbFile(dataDir, claimDataDir));
}

export class LmdbLog implements EventLog {
  readonly #dataDir: string;
  /** undefined: dropped after a failed write, to be opened afresh by whoever comes next. */
  #file: LmdbFile | undefined;
  #closed: Promise<void> | undefined;

  /** @param file the open and claimed file; the log closes it */
  constructor(dataDir: string, file: LmdbFile) {
    this.#dataDir = dataDir;
    this.#file = file;
  }

  append(id: string, expected: Token, drafts: readonly Draft[]): Token {
    requireStorableId(id);
    const file = this.#open();
    let token = expected;
    try {
      ensureRoom(file.fd, file.path, Buffer.byteLength(JSON.stringify(drafts)));
      // The body must return nothing: given a thenable, the transaction would return before its commit.
      file.root.transactionSync(() => {
        token = writeAppend(file, id, expected, drafts);
      });
    } catch (error) {
      // These two are found before the first write. Any other failure may leave the encoders with
      // structures that were never stored, or LMDB in its fatal state: only opening afresh is sure.
      if (!(error instanceof ConflictError || error instanceof UnreadableRecordError)) this.#drop();
      throw asStoreError(error, 'append to the event log', file.path);
    }
    return token;
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

  *owed(): Generator<{ readonly id: string; readonly owed: Owed }> {
    let page = this.#read(file => readOwedPage(file, undefined));
    while (page.length > 0) {
      yield* page;
      const last = page.at(-1)?.id;
      page = this.#read(file => readOwedPage(file, last));
    }
  }

  lastSeq(): number {
    return this.#read(newestSeq);
  }

  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    const file = this.#open();
    this.#file = undefined;
    try {
      file.root.transactionSync(() => {
        releaseDataDir(file.meta);
      });
    } catch (error) {
      throw asStoreError(error, 'close the event log', file.path);
    } finally {
      await closeLmdbFile(file);
    }
  }

  #open(): LmdbFile {
    if (this.#closed) throw new StorageError(`the event log ${dataFilePath(this.#dataDir)} is closed`);
    this.#file ??= openLmdbFile(this.#dataDir);
    return this.#file;
  }

  #drop(): void {
    if (this.#file) void closeLmdbFile(this.#file);
    this.#file = undefined;
  }

  #read<T>(reading: (file: LmdbFile) => T): T {
    const file = this.#open();
    try {
      return reading(file);
    } catch (error) {
      throw asStoreError(error, 'read the event log', file.path);
    }
  }
}
