/** Fills a new data file from outside: with whole records, heads and documents that have their places already. */
import { existsSync, linkSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StorageError } from './errors.ts';
import type { JsonObject, LogRecord, Owed } from './event-log.ts';
import { dataFilePath, openLmdbFile } from './lmdb-file.ts';
import { LmdbHandle } from './lmdb-handle.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { makeDirectory } from './make-directory.ts';
import { requireStorableId } from './placement.ts';
import { encodeRecord } from './records.ts';
import { encodeDocument, encodeOwed } from './side-values.ts';
import { asStoreError } from './storage-faults.ts';

/** What the log holds of one service besides its records. */
export interface ServiceEntry {
  readonly head: LogRecord;
  readonly owed: Owed | null;
  readonly documents: Readonly<Record<string, JsonObject>>;
}

type Change = (file: LmdbFile) => void;

/** Changes written as one transaction. */
const BATCH = 2000;
/** Bytes of pages that one change may touch without storing much. */
const BYTES_PER_CHANGE = 1024;

/** One import: all of it becomes the data file of the directory, or nothing does. */
export class LogImport {
  readonly #path: string;
  readonly #workDir: string;
  readonly #handle: LmdbHandle;
  #changes: Change[] = [];
  #bytes = 0;
  #lastSeq = 0;

  /** @throws {StorageError} the directory has a log already, or cannot be used */
  constructor(dataDir: string) {
    this.#path = dataFilePath(dataDir);
    if (existsSync(this.#path)) {
      throw new StorageError(
        `the data directory ${dirname(this.#path)} has a log already: import needs one that has none`,
      );
    }
    try {
      makeDirectory(dirname(this.#path));
      this.#workDir = mkdtempSync(join(dirname(this.#path), 'import-'));
    } catch (error) {
      throw asStoreError(error, 'import into', dirname(this.#path));
    }
    this.#handle = new LmdbHandle(this.#workDir, openLmdbFile(this.#workDir));
  }

  /** Adds a record. @throws {StorageError} it does not come after the one before, or cannot be written */
  record(record: LogRecord): void {
    requireStorableId(record.id);
    if (record.seq <= this.#lastSeq) {
      throw new StorageError(
        `record ${record.seq} comes after record ${this.#lastSeq}: the export is not whole`,
      );
    }
    this.#lastSeq = record.seq;
    const stored = encodeRecord(record);
    this.#add(stored, file => file.log.putSync(record.seq, stored, { append: true }));
  }

  /** Adds a service; to be called after its records. @throws {StorageError} its head is newer than any record, or it cannot be written */
  service({ head, owed, documents }: ServiceEntry): void {
    const { id, seq } = head;
    requireStorableId(id);
    if (seq > this.#lastSeq) {
      throw new StorageError(
        `service ${JSON.stringify(id)} is at record ${seq}, which is missing: the export is not whole`,
      );
    }
    this.#add([head, documents], file => {
      file.heads.putSync(id, encodeRecord(head));
      if (owed) file.owed.putSync(id, encodeOwed(id, owed));
      for (const [name, document] of Object.entries(documents))
        file.documents.putSync([id, name], encodeDocument(id, name, document));
    });
  }

  /** Puts the file in its place. @throws {StorageError} somebody began a log there meanwhile, or it cannot be written */
  async finish(): Promise<void> {
    this.#flush();
    await this.#handle.close();
    try {
      linkSync(dataFilePath(this.#workDir), this.#path);
    } catch (error) {
      throw asStoreError(error, 'put the imported log to', this.#path);
    } finally {
      rmSync(this.#workDir, { recursive: true, force: true });
    }
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    try {
      await this.#handle.close();
    } finally {
      rmSync(this.#workDir, { recursive: true, force: true });
    }
  }

  #add(stored: unknown, change: Change): void {
    this.#changes.push(change);
    this.#bytes += JSON.stringify(stored).length * 3 + BYTES_PER_CHANGE;
    if (this.#changes.length >= BATCH) this.#flush();
  }

  #flush(): void {
    const changes = this.#changes;
    if (changes.length === 0) return;
    this.#handle.write('import into', this.#bytes, file => {
      for (const change of changes) change(file);
    });
    this.#changes = [];
    this.#bytes = 0;
  }
}
