/** Tells when the client is gone before its answer was. */
import type { FastifyRequest } from 'fastify';

/**
 * A signal that aborts when the connection closes before the response is finished, at once if it already has.
 * It costs a listener on the response: ask for it only where something waits.
 */
export function hangUpSignal(request: FastifyRequest): AbortSignal {
  const controller = new AbortController();
  const response = request.response;
  if (response === undefined) return controller.signal;
  if (response.destroyed && !response.writableFinished) controller.abort();
  else {
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
    });
  }
  return controller.signal;
}
