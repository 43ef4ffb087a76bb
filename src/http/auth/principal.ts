/** Who makes a request, and what they may do (contract §6). */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';

export type Scope = 'call' | 'manage' | 'view';

export interface Principal {
  /** What its sessions are bound to (invariant 8): `token:<name>`, `oauth:<subject>`, or `anybody` where nobody has to say who they are. No secret. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Ids of the services it may use; null: all. */
  readonly services: ReadonlySet<string> | null;
  /** The token was issued for these services: elsewhere it is no good token (401), not one that lacks a right (403). */
  readonly issuedFor?: boolean;
  /** Epoch ms from which the token is good no longer; absent: it has no end. */
  readonly expiresAt?: number;
}

/** Everybody, while the gateway asks for no credentials. */
export const ANYBODY: Principal = { id: 'anybody', scopes: ['call', 'manage', 'view'], services: null };

/** Who makes the request. @throws {Error} nobody has looked yet: to go on would be to trust whoever it is */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new Error('a request reached its route without having been authenticated');
  return principal;
}

export function mayUse({ services }: Principal, serviceId: string): boolean {
  return services === null || services.has(serviceId);
}

/** For routes that have the id elsewhere than in their path. @throws {Refusal} 0012 for a service that is none of the caller's */
export function requireService(request: FastifyRequest, serviceId: string): void {
  if (!mayUse(principalOf(request), serviceId)) throw notYours();
}

/** The same whether or not there is such a service. */
export function notYours(): Refusal {
  return new Refusal('0012', 'the token is not for this service');
}
