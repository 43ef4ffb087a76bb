/** `WWW-Authenticate`: how a client that was refused finds out what to do about it (RFC 6750 §3, RFC 9728 §5.1). */
import type { FastifyRequest } from 'fastify';
import type { OAuth } from './oauth.ts';
import type { Scope } from './principal.ts';
import { metadataUrl, resourcePath } from './resources.ts';

export interface Fault {
  readonly error: 'invalid_token' | 'insufficient_scope';
  /** One sentence. */
  readonly description: string;
}

/** @param fault null: no token was presented */
export function challenge(
  request: FastifyRequest,
  needed: readonly Scope[],
  fault: Fault | null,
  oauth: { readonly server: OAuth; readonly origin: string } | null,
): string {
  const scopes = oauth?.server.namesFor(needed) ?? needed;
  const parameters = [
    fault && `error="${fault.error}"`,
    fault && `error_description="${sayable(fault.description)}"`,
    oauth && `resource_metadata="${metadataUrl(oauth.origin, resourcePath(request.url))}"`,
    // Whoever needs a token from nobody but the operator has no use for scopes, unless one is what is missing.
    (oauth || fault?.error === 'insufficient_scope') && scopes.length > 0 && `scope="${scopes.join(' ')}"`,
  ].filter(parameter => typeof parameter === 'string');
  return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`;
}

/** Characters that an error description may not have: quotes and backslashes among them, even escaped (RFC 6750 §3). */
const UNSAYABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

function sayable(description: string): string {
  return description.replaceAll(UNSAYABLE, "'");
}
