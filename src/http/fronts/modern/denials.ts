/**
 * What the modern front itself refuses (2026-07-28): each with the HTTP status and JSON-RPC code that are prescribed, and
 * without the envelope, because a client that is to act on it reads nothing but a plain JSON-RPC error.
 */
import type { FastifyReply } from 'fastify';
import { Refusal } from '../../../actors/refusal.ts';
import { isModernVersion } from '../../../backends/protocol-versions.ts';
import { INVALID_PARAMS } from '../../../backends/rpc/build.ts';
import { HEADER_MISMATCH, UNSUPPORTED_VERSION } from '../../../backends/rpc/modern-errors.ts';
import { Denial, TRANSPORT_ERROR } from '../denial.ts';

/** A request without metadata that it must have ("General fields"). */
export function badMeta(fault: string): Denial {
  return new Denial(new Refusal('0011', fault), 400, INVALID_PARAMS, {}, true);
}

/** Header and body disagree, or a header is missing or cannot be read ("Server Validation"). */
export function headerMismatch(fault: string): Denial {
  return new Denial(new Refusal('0011', fault), 400, HEADER_MISMATCH, {}, true);
}

/** `supported`: what `server/discover` lists ("Protocol Version Negotiation"). */
export function unsupportedVersion(supported: readonly string[], requested: string): Denial {
  const listed = supported.filter(isModernVersion).join(', ');
  const reason = `the protocol version is not supported (supported versions: ${listed})`;
  const rpcData = { supported: [...supported], requested };
  return new Denial(new Refusal('0011', reason), 400, UNSUPPORTED_VERSION, rpcData, true);
}

/** The era has POST alone ("Earlier Streamable HTTP Revisions"). */
export function onlyPost(reply: FastifyReply): Denial {
  reply.header('allow', 'POST');
  const reason = 'this backend speaks protocol versions without sessions: only POST is allowed';
  return new Denial(new Refusal('0011', reason), 405, TRANSPORT_ERROR, {}, true);
}
