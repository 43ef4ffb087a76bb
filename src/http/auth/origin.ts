/** The gateway's own URL, as clients see it. */
import type { FastifyRequest } from 'fastify';

/**
 * Without a public URL it is what the client called it: the `Host` has passed the guard by then, so that it is one of the
 * gateway's names.
 */
export function originFinder(publicUrl: string | null): (request: FastifyRequest) => string {
  if (publicUrl !== null) return () => publicUrl;
  return request => new URL(`http://${request.headers.host}`).origin;
}
