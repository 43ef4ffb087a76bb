/** Bearer tokens and what they allow (contract §6). */
import { createHash, timingSafeEqual } from 'node:crypto';

export type Scope = 'call' | 'manage' | 'view';

export interface AuthToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the token, 32 bytes. */
  readonly sha256: Buffer;
}

/** The configured token that was presented, or undefined. Takes the same time whichever it is, or none. */
export function findToken(tokens: readonly AuthToken[], presented: string): AuthToken | undefined {
  const digest = createHash('sha256').update(presented).digest();
  let found: AuthToken | undefined;
  for (const token of tokens) if (timingSafeEqual(token.sha256, digest)) found = token;
  return found;
}
