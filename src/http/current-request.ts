/**
 * Whose request is being worked on in this very turn of the event loop. Transitions happen within the turn that asks for
 * them, so that whoever hears of one on the bus can tell which request brought it about, and the machine need not know.
 */
import type { FastifyRequest } from 'fastify';

export class CurrentRequest {
  /** null: nobody's. */
  request: FastifyRequest | null = null;
}
