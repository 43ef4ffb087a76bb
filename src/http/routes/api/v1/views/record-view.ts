/** A record as the API shows it. */
import { causeOf } from '../../../../../explain/cause.ts';
import { seenIn } from '../../../../../explain/recorded.ts';
import { visibleContext, visibleEvent } from '../../../../../explain/visible.ts';
import type { LogRecord } from '../../../../../store/event-log.ts';
import { tell } from '../../../../locales/sentences/tell.ts';
import type { Language } from '../../../../locales/translate.ts';
import { timeOrNull, timeView } from './time.ts';

export function recordView(record: LogRecord, language: Language) {
  const { seq, id, n, at } = record;
  const seen = seenIn(record);
  return {
    ...{ seq, id, n },
    at: timeView(at),
    event: visibleEvent(seen.event),
    to: seen.state,
    cause: tell(language, causeOf(seen)),
  };
}

/** What a service was after a record. */
export function stateView(record: LogRecord) {
  const { state, context } = seenIn(record);
  const { since, dueAt, readyAt, ...shown } = visibleContext(context);
  return {
    id: record.id,
    at: timeView(record.at),
    seq: record.seq,
    state,
    since: timeView(since),
    type: context.type,
    context: { ...shown, dueAt: timeOrNull(dueAt), readyAt: timeOrNull(readyAt) },
  };
}
