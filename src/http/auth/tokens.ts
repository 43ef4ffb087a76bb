/** The bearer tokens of the setting `authTokens` (contract §6). */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Principal, Scope } from './principal.ts';

export interface AuthToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids of the services it is for; null: all. */
  readonly services: readonly string[] | null;
  /** SHA-256 of the token, 32 bytes. */
  readonly sha256: Buffer;
}

/** Finds whose token was presented; undefined: nobody's. */
export type FindBearer = (presented: string) => Principal | undefined;

/**
 * The finder takes the same time whichever token it is, or none, until a good one was presented: that is remembered as it
 * is, one for each of `tokens` at most. Strings are looked up by a hash with a secret seed, so that how long it takes to find
 * none tells nothing of how much of a token was right.
 */
export function tokenFinder(tokens: readonly AuthToken[]): FindBearer {
  const known = tokens.map(token => ({ sha256: token.sha256, principal: bearer(token) }));
  const presentedBefore = new Map<string, Principal>();
  return presented => {
    const before = presentedBefore.get(presented);
    if (before !== undefined) return before;
    const digest = hash('sha256', presented, 'buffer');
    let found: Principal | undefined;
    for (const { sha256, principal } of known) if (timingSafeEqual(sha256, digest)) found = principal;
    if (found !== undefined) presentedBefore.set(presented, found);
    return found;
  };
}

/** A token keeps its name when it is replaced by a new one, so that its sessions live on. */
function bearer({ name, scopes, services }: AuthToken): Principal {
  return { id: `token:${name}`, scopes, services: services && new Set(services) };
}
