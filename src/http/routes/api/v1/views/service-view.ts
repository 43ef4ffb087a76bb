/** A service as the API shows it. */
import type { ServiceSummary } from '../../../../../actors/inspector.ts';
import { nextOf } from '../../../../../explain/next.ts';
import { seenIn } from '../../../../../explain/recorded.ts';
import { whyOf } from '../../../../../explain/why.ts';
import { tell } from '../../../../locales/sentences/tell.ts';
import type { Language } from '../../../../locales/translate.ts';
import { timeOrNull, timeView } from './time.ts';

/** @param now epoch ms */
export function serviceView(summary: ServiceSummary, language: Language, now: number) {
  const { id, head, idleAt, sessions, inFlight, held, pid, server, backend } = summary;
  const seen = seenIn(head);
  const { type, nextType, since, restarts, failures, incident, dueAt } = seen.context;
  const next = nextOf({ to: head.to, idleAt, now });
  return {
    id,
    type,
    nextType,
    state: seen.state,
    since: timeView(since),
    why: tell(language, whyOf(seen)),
    next: next && { what: tell(language, next.what), at: timeOrNull(next.at) },
    restarts,
    failures,
    ...{ sessions, inFlight, held, pid, server },
    lastError: incident?.reason ?? null,
    retryAfterMs: dueAt === null ? null : Math.max(0, dueAt - now),
    backend,
  };
}
