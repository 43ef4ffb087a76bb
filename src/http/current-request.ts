/**
 * Whose request is being worked on in this very turn of the event loop. Transitions happen within the turn that asks for
 * them, so that whoever hears of one on the bus can tell which request brought it about, and the machine need not know.
 */
import type { FastifyRequest } from 'fastify';
import type { RequestTrace } from '../tracing/port.ts';

export class CurrentRequest {
  /** null: nobody's. */
  request: FastifyRequest | null = null;

  /** Its trace; null: it has none. */
  get trace(): RequestTrace | null {
    return this.request === null ? null : (this.request.callTrace ?? this.request.commandTrace);
  }

  /** Remembers whose turn this is: work that is given to it in a later turn is theirs, too. */
  readonly remember = (): ((work: () => void) => void) => {
    const { request } = this;
    return work => {
      const meanwhile = this.request;
      this.request = request;
      try {
        work();
      } finally {
        this.request = meanwhile;
      }
    };
  };
}
