/** One line per request that was refused: who asked for what, and why not; and those about what was not the client's fault. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Refusal } from '../actors/refusal.ts';
import type { Clock } from '../backends/clock.ts';
import { LineLimiter } from '../logging/line-limiter.ts';
import { pathOf } from './data-route.ts';

/** Longest path and cause in a line, in characters: both can repeat what a client made up. */
const LONGEST = 512;

export class RefusalLog {
  readonly #logger: FastifyBaseLogger;
  readonly #limiter: LineLimiter;
  readonly #faults: LineLimiter;

  /** @param perSecond lines that are logged in a second, of faults as many again; 0: none, and of faults one */
  constructor(logger: FastifyBaseLogger, perSecond: number, clock: Clock) {
    this.#logger = logger;
    this.#limiter = new LineLimiter(perSecond, clock, lines =>
      logger.warn({ lines }, 'lines about refused requests were left out'),
    );
    this.#faults = new LineLimiter(Math.max(1, perSecond), clock, lines =>
      logger.warn({ lines }, 'lines about requests that failed were left out'),
    );
  }

  /** @param status null: it went to a stream that had begun */
  note(request: FastifyRequest, refusal: Refusal, status: number | null): void {
    if (!this.#limiter.admits()) return;
    const { method, url, principal } = request;
    const who = { id: idOf(request), by: principal?.id, method, path: pathOf(url).slice(0, LONGEST) };
    this.#logger.info({ tid: request.id, ...who, ...why(refusal, status) }, 'refused');
  }

  /** A request that could not even be read. */
  noteBroken(tid: string, refusal: Refusal, status: number): void {
    if (this.#limiter.admits()) this.#logger.info({ tid, ...why(refusal, status) }, 'refused');
  }

  /** The gateway itself was at fault, or something it needs: whoever sends such requests must not fill the log with them. */
  noteFault(level: 'error' | 'warn', fault: object, message: string): void {
    if (this.#faults.admits()) this.#logger[level](fault, message);
  }
}

function why({ code, reason, retryAfterMs }: Refusal, status: number | null) {
  return { code, status, cause: reason.slice(0, LONGEST), retryAfterMs };
}

/** The service's, if the path names one. */
function idOf({ params }: FastifyRequest): string | undefined {
  if (typeof params !== 'object' || params === null || !('id' in params)) return undefined;
  return String(params.id).slice(0, LONGEST);
}
