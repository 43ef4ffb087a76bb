/** One line per record in the event log and per write that failed: what happened to which service, why, and on whose request. */
import type { Logger } from 'pino';
import { statePath } from '../actors/journal.ts';
import type { Committed, LiveServices } from '../actors/live.ts';
import { admissionOf, isAtRest } from '../actors/status.ts';

/**
 * Logs what the services' bus tells.
 * @param traceId of the request that is worked on in this turn; undefined: none is
 */
export function logTransitions(
  events: LiveServices['events'],
  logger: Logger,
  traceId: () => string | undefined,
): void {
  /** Requests whose consequences are not over, by service: those in memory at most (invariant 10). */
  const causers = new Map<string, string>();
  const causerOf = ({ id, to }: Pick<Committed, 'id' | 'to'>): string | undefined => {
    const tid = traceId() ?? causers.get(id);
    const goesOn = to.status !== 'done' && !isAtRest(to) && admissionOf(to).poll !== 'Ready';
    if (tid !== undefined && goesOn) causers.set(id, tid);
    else causers.delete(id);
    return tid;
  };
  events.on('registered', ({ id, seq, to, event }) => {
    const tid = causerOf({ id, to });
    logger.info({ tid, id, seq, event: event.type, cause: causeOf(event), to: statePath(to) }, 'registered');
  });
  events.on('transition', ({ id, seq, from, to, event }) => {
    const tid = causerOf({ id, to });
    const states = { from: statePath(from), to: statePath(to) };
    logger.info({ tid, id, seq, event: event.type, cause: causeOf(event), ...states }, 'transition');
    const lost = to.context.lostTools.filter(name => !from.context.lostTools.includes(name));
    if (lost.length > 0)
      logger.warn({ tid, id, seq, lost, tools: to.context.tools?.count }, 'came back with fewer tools');
  });
  events.on('unwritten', (id, event, err) => {
    const tid = traceId() ?? causers.get(id);
    logger.error(
      { tid, id, event, err },
      'transition could not be written to the event log; it did not happen',
    );
  });
  events.on('fault', (id, err) => logger.error({ id, err }, 'a service met an unforeseen error and goes on'));
}

/** What the event says of its cause; where it says nothing, it is the cause itself. */
function causeOf({ type, reason, by }: Committed['event']): string {
  if (typeof reason === 'string') return reason;
  return typeof by === 'string' ? `asked for by ${by}` : type;
}
