/** What came of appends that share a transaction: what both logs do with it. */
import { ConflictError, UnreadableRecordError } from './errors.ts';
import type { Appended, Token } from './event-log.ts';

/** Keeps apart the faults that are found before anything is written, and so concern one append alone. @throws any other */
export function faultApart(append: () => Appended): Appended {
  try {
    return append();
  } catch (error) {
    if (error instanceof ConflictError || error instanceof UnreadableRecordError) return { fault: error };
    throw error;
  }
}

/** The token of the one append there was. @throws {ConflictError | UnreadableRecordError} its fault */
export function onlyOne([appended]: readonly Appended[]): Token {
  if (appended === undefined) throw new Error('one append has one outcome');
  if ('fault' in appended) throw appended.fault;
  return appended.token;
}

/** `seq` of the last record of all; undefined when there was none. */
export function lastSeqOf(appended: readonly Appended[]): number | undefined {
  const seqs = appended.map(each => ('fault' in each ? null : each.seq));
  return seqs.findLast(seq => seq !== null) ?? undefined;
}
