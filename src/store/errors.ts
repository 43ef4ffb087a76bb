/** Faults of the store, as values the layers above can tell apart. None of them carries a secret. */

/** The service's head moved since the caller read it: another writer, or a bug. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The log could not be read or written: disk full, read-only, damaged, closed. `message` says what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** One record cannot be understood (damaged, or from a newer version). Stops that service, never the gateway. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';

  constructor(
    message: string,
    /** `seq` of the record where it is known, so that a reader of the whole log can go on behind it. */
    readonly seq: number | null = null,
  ) {
    super(message);
  }
}
