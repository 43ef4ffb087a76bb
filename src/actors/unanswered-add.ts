/**
 * `add` gives its service a fresh id and names it only when the start has succeeded. A gateway that is killed before leaves a
 * service whose id nobody was told: as after a start that failed, nothing stays registered (contract §2).
 */
import type { EventLog, LogRecord } from '../store/event-log.ts';

/** What happens to such a service until its start has succeeded. Anything else was asked for by somebody who knows it. */
const BEFORE_ITS_ANSWER = new Set([
  'registered',
  'start requested',
  'start permitted',
  'spawned',
  'gateway restarted',
]);
/** More records than those are of no interest. */
const MOST_RECORDS = 8;

/** Whether a service is one whose `add` was certainly never answered. What cannot be read says no. */
export function isUnansweredAdd(log: EventLog, id: string): boolean {
  let records: readonly LogRecord[];
  try {
    if ((log.head(id)?.record.n ?? 0) > MOST_RECORDS) return false;
    records = log.recent(id, MOST_RECORDS);
  } catch {
    return false;
  }
  const [first, second] = records;
  const isAdded = first?.event.type === 'registered' && second?.event.by === 'add';
  return isAdded && records.every(({ event }) => BEFORE_ITS_ANSWER.has(event.type) && isNobodyElses(event));
}

const isNobodyElses = ({ by }: LogRecord['event']) => by === undefined || by === 'add';
