/** Writes one placement into the tables. Everything here runs inside one LMDB write transaction. */
import { StorageError, UnreadableRecordError } from './errors.ts';
import type { Append, Appended, Draft, Token } from './event-log.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import { documentKeys, readHead } from './lmdb-read.ts';
import { forgetSessionsOf } from './lmdb-session-rows.ts';
import { endsInRemoval, type Placement, type Position, place, tokenOf } from './placement.ts';
import { encodeRecord } from './records.ts';
import { encodeDocument, encodeOwed } from './side-values.ts';

/**
 * @throws {ConflictError} before anything is written
 * @throws {UnreadableRecordError} before anything is written: the head, so that its version is unknown
 */
export function writeAppend(file: LmdbFile, { id, expected, drafts }: Append): Appended {
  const head = readPosition(file, id, expected, drafts);
  const placement = place(id, expected, head, newestSeq(file), drafts);
  for (const record of placement.records) {
    const stored: unknown = file.log.putSync(record.seq, encodeRecord(record), { append: true });
    if (stored !== true) {
      throw new StorageError(
        `another process writes to ${file.path}: stop it, one gateway alone may use a data directory`,
      );
    }
  }
  if (placement.forget) forget(file, id);
  const last = placement.records.at(-1);
  if (last === undefined) return { token: expected, seq: null };
  settle(file, id, placement);
  return { token: tokenOf(placement.head), seq: last.seq };
}

/** `seq` of the newest record of all; 0 when there is none. */
export function newestSeq(file: LmdbFile): number {
  for (const key of file.log.getKeys({ reverse: true, limit: 1 })) {
    if (typeof key === 'number') return key;
  }
  return 0;
}

/** A service whose head cannot be read takes one append only: the one that removes it. */
function readPosition(
  file: LmdbFile,
  id: string,
  expected: Token,
  drafts: readonly Draft[],
): Position | undefined {
  try {
    return readHead(file, id);
  } catch (error) {
    if (error instanceof UnreadableRecordError && endsInRemoval(expected, drafts)) return undefined;
    throw error;
  }
}

function settle(file: LmdbFile, id: string, { head, owed, documents }: Placement): void {
  if (!head) return;
  file.heads.putSync(id, encodeRecord(head));
  if (owed) file.owed.putSync(id, encodeOwed(id, owed));
  else file.owed.removeSync(id);
  for (const [name, document] of documents) {
    if (document) file.documents.putSync([id, name], encodeDocument(id, name, document));
    else file.documents.removeSync([id, name]);
  }
}

function forget(file: LmdbFile, id: string): void {
  file.heads.removeSync(id);
  file.owed.removeSync(id);
  const keys = [...documentKeys(file, id)];
  for (const key of keys) file.documents.removeSync(key);
  forgetSessionsOf(file, id);
}
