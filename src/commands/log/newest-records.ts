/** Reads the log for `tail`; what is damaged comes as its message, and what is behind it all the same. */
import { UnreadableRecordError } from '../../store/errors.ts';
import type { EventLog, LogRecord } from '../../store/event-log.ts';

/** Records read at a time. */
const PAGE = 500;

interface Found {
  readonly seq: number;
  /** A record, or why it cannot be read. */
  readonly found: LogRecord | string;
}

/** All behind `after` up to `end`, in order. */
export function* recordsAfter(
  log: EventLog,
  after: number,
  end = Number.POSITIVE_INFINITY,
): Generator<Found> {
  for (let at = after; at < end; ) {
    const page = readPage(log, at).filter(({ seq }) => seq <= end);
    yield* page;
    at = page.at(-1)?.seq ?? end;
  }
}

/** The newest `limit` of all, or of one service, oldest first; of a service that was removed, too, as far as they are kept. */
export function newestRecords(log: EventLog, limit: number, service?: string): (LogRecord | string)[] {
  const newest: (LogRecord | string)[] = [];
  for (let end = log.lastSeq(); end > 0 && newest.length < limit; end -= PAGE) {
    const page = [...recordsAfter(log, Math.max(0, end - PAGE), end)];
    if (page.length === 0) break;
    const fitting = page.flatMap(({ found }) => (fits(found, service) ? [found] : []));
    newest.unshift(...fitting.slice(-(limit - newest.length)));
  }
  return newest;
}

const fits = (found: LogRecord | string, service: string | undefined) =>
  typeof found === 'string' || service === undefined || found.id === service;

function readPage(log: EventLog, after: number): Found[] {
  try {
    return log.tail(after, PAGE).map(record => ({ seq: record.seq, found: record }));
  } catch (error) {
    if (!(error instanceof UnreadableRecordError) || error.seq === null) throw error;
    return [{ seq: error.seq, found: error.message }];
  }
}
