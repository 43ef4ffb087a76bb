/** The open data file, as everything kept in it shares it: one place to read, to write durably, to open afresh, to close. */
import { releaseDataDir } from './data-dir-lock.ts';
import { ensureRoom } from './data-file.ts';
import { ConflictError, StorageError, UnreadableRecordError } from './errors.ts';
import { closeLmdbFile, dataFilePath, openLmdbFile } from './lmdb-file.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { afresh, namedCommit, newestCommit, OvertakenError, requireNewest } from './newest-commit.ts';
import { checkAllPages } from './pages/check-file.ts';
import { asStoreError, isEngineFault } from './storage-faults.ts';

export class LmdbHandle {
  readonly #dataDir: string;
  /** undefined: dropped after a fault, to be opened afresh by whoever comes next. */
  #file: LmdbFile | undefined;
  #closed: Promise<void> | undefined;
  /** Under way: holds a read transaction, and has to let it go before the file is closed. */
  #check: Generator<number, number> | undefined;
  /** Number of the newest commit, as far as it has been looked up since the last write. */
  #newest: number | undefined;

  /** @param file the open and claimed file; the handle closes it */
  constructor(dataDir: string, file: LmdbFile) {
    this.#dataDir = dataDir;
    this.#file = file;
  }

  /** @param action for the message of an error: `read the event log` @throws {StorageError | UnreadableRecordError} */
  read<T>(action: string, reading: (file: LmdbFile) => T): T {
    return afresh(() => this.#readOnce(action, reading));
  }

  /**
   * Runs `writing` as one durable transaction.
   * @param valueBytes most bytes it stores, pages it touches without storing much included
   * @param writing may run more than once, each time as if it were the first
   * @throws {StorageError | ConflictError | UnreadableRecordError} nothing was written
   */
  write(action: string, valueBytes: number, writing: (file: LmdbFile) => void): void {
    afresh(() => this.#writeOnce(action, valueBytes, writing));
  }

  #readOnce<T>(action: string, reading: (file: LmdbFile) => T): T {
    const file = this.#open();
    try {
      const read = reading(file);
      this.#requireNewestRead(file);
      return read;
    } catch (error) {
      // LMDB refuses a transaction that met a fault, and reads share one: the next is to have another.
      if ((isEngineFault(error) || error instanceof OvertakenError) && !file.isReadOnly) void this.#drop();
      throw asStoreError(error, action, file.path);
    }
  }

  /** What another process writes is read as of a moment; what this one writes, as of now. @throws {OvertakenError} */
  #requireNewestRead(file: LmdbFile): void {
    if (file.isReadOnly || file.lockFd === null) return;
    this.#newest ??= newestCommit(file.fd, file.path);
    if (namedCommit(file.lockFd) !== this.#newest) throw new OvertakenError(file.path);
  }

  #writeOnce(action: string, valueBytes: number, writing: (file: LmdbFile) => void): void {
    const file = this.#open();
    if (file.isReadOnly)
      throw new StorageError(`cannot ${action} ${file.path}: it is open for reading alone`);
    try {
      ensureRoom(file.fd, file.path, valueBytes);
    } catch (error) {
      throw asStoreError(error, action, file.path);
    }
    try {
      this.#newest = undefined;
      // The body must return nothing: given a thenable, the transaction would return before its commit.
      file.root.transactionSync(() => {
        requireNewest(file.root, file.fd, file.path);
        writing(file);
      });
    } catch (error) {
      // These two are found before the first write. Any other failure may leave the encoders with
      // structures that were never stored, or LMDB in its fatal state: only opening afresh is sure.
      if (!(error instanceof ConflictError || error instanceof UnreadableRecordError)) void this.#drop();
      throw asStoreError(error, action, file.path);
    }
  }

  /** Every page was looked at when the file was opened: `checkPages` has nothing to add. */
  get isChecked(): boolean {
    return this.#open().isChecked;
  }

  /**
   * Looks at every page of the file, in slices; yields the number of pages so far, and returns it in the end; undefined
   * when the file was opened afresh or closed meanwhile. One at a time.
   * @throws {StorageError} the file is damaged: says where, and the remedy
   */
  *checkPages(): Generator<number, number | undefined> {
    const file = this.#open();
    const check = checkAllPages(file.root, file.path);
    this.#check = check;
    try {
      const pages = yield* check;
      return this.#file === file ? pages : undefined;
    } catch (error) {
      throw asStoreError(error, 'check the pages of', file.path);
    } finally {
      check.return(0);
      this.#check = undefined;
    }
  }

  /** Copies the file, as it is at this moment, while it may be written. @throws {StorageError} */
  async copyTo(path: string): Promise<void> {
    const file = this.#open();
    try {
      await file.root.backup(path, true);
    } catch (error) {
      throw asStoreError(error, 'copy the event log to', path);
    }
  }

  /** Gives the data directory up and releases the file. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    try {
      if (!this.#open().isReadOnly) this.write('close the event log', 0, ({ meta }) => releaseDataDir(meta));
    } finally {
      await this.#drop();
    }
  }

  #open(): LmdbFile {
    if (this.#closed) throw new StorageError(`the event log ${dataFilePath(this.#dataDir)} is closed`);
    this.#file ??= openLmdbFile(this.#dataDir, { isKnown: true });
    return this.#file;
  }

  #drop(): Promise<void> {
    const file = this.#file;
    this.#check?.return(0);
    this.#file = undefined;
    this.#newest = undefined;
    return file === undefined ? Promise.resolve() : closeLmdbFile(file);
  }
}
