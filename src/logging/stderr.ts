/** What backends write to stderr, as lines of the log: whose it is in fields of their own, and not more than it can bear. */
import type { Logger } from 'pino';
import type { Clock } from '../backends/clock.ts';
import { LineLimiter } from './line-limiter.ts';

/** @param perSecond lines of one backend's process that are logged in a second; 0: none */
export function stderrLog(
  logger: Logger,
  perSecond: number,
  clock: Clock,
): (id: string, lane: number) => (line: string) => void {
  return (id, lane) => {
    const whose = lane === 0 ? { id } : { id, lane };
    const limiter = new LineLimiter(perSecond, clock, lines =>
      logger.warn({ ...whose, lines }, 'lines of stderr were left out'),
    );
    return line => {
      if (limiter.admits()) logger.info({ ...whose, line }, 'stderr');
    };
  };
}
