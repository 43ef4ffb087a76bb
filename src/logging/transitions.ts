/** One line per transition and per write that failed: what happened to which service, and why. */
import type { Logger } from 'pino';
import { statePath } from '../actors/journal.ts';
import type { LiveServices } from '../actors/live.ts';

/** Logs what the services' bus tells; never inside a transition, so that no log line can hold one up. */
export function logTransitions(events: LiveServices['events'], logger: Logger): void {
  events.on('transition', ({ id, from, to, event }) => {
    const { type, reason } = event;
    logger.info({ id, event: type, reason, from: statePath(from), to: statePath(to) }, 'transition');
    const lost = to.context.lostTools.filter(name => !from.context.lostTools.includes(name));
    if (lost.length > 0)
      logger.warn({ id, lost, tools: to.context.tools?.count }, 'came back with fewer tools');
  });
  events.on('unwritten', (id, event, err) => {
    logger.error({ id, event, err }, 'transition could not be written to the event log; it did not happen');
  });
}
