/** What a request of the Streamable HTTP front says of its session and version, in headers. */
import type { FastifyRequest } from 'fastify';
import { LEGACY_VERSIONS } from '../../backends/protocol-versions.ts';
import type { Session } from '../sessions/session.ts';
import { type Denial, sessionNotFound, transportDenial } from './denial.ts';
import { claimOf, type FrontContext } from './front.ts';

/** The front, as its sessions know it. */
export const NAME = 'streamable-http';

/** @throws {Denial} 400 for a version this front does not speak; absent means the negotiated one */
export function requireLegacyVersion(request: FastifyRequest): void {
  const version = request.headers['mcp-protocol-version'];
  if (version === undefined || (typeof version === 'string' && LEGACY_VERSIONS.includes(version))) return;
  throw transportDenial(
    400,
    `Unsupported protocol version in MCP-Protocol-Version (supported versions: ${LEGACY_VERSIONS.join(', ')})`,
  );
}

export function presentsSession({ headers }: FastifyRequest): boolean {
  const id = headers['mcp-session-id'];
  return id !== undefined && id !== '';
}

export function sessionMissing(): Denial {
  return transportDenial(400, 'Mcp-Session-Id is missing: send initialize first');
}

/** @throws {Denial} 400 without a session id, 404 with one that is not of this service, front and caller */
export function presentedSession(front: FrontContext, request: FastifyRequest, serviceId: string): Session {
  if (!presentsSession(request)) throw sessionMissing();
  const id = request.headers['mcp-session-id'];
  const session =
    typeof id === 'string' ? front.sessions.find(id, claimOf(request, serviceId, NAME)) : undefined;
  if (session === undefined) throw sessionNotFound();
  return session;
}
