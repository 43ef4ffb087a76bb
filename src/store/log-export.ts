/** What an export of the log has of its services, besides the records: the counterpart of `log-import.ts`. */
import type { LmdbHandle } from './lmdb-handle.ts';
import { readDocuments, readHead, readOwed } from './lmdb-read.ts';
import type { ServiceEntry } from './log-import.ts';

/** undefined when there is no such service. @throws {StorageError | UnreadableRecordError} */
export function serviceEntry(data: LmdbHandle, id: string, withDocuments: boolean): ServiceEntry | undefined {
  return data.read('export the event log', file => {
    const head = readHead(file, id);
    if (head === undefined) return undefined;
    return { head, owed: readOwed(file, id), documents: withDocuments ? readDocuments(file, id) : {} };
  });
}
