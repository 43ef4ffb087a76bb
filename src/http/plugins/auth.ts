/** Bearer tokens with scopes (contract §6). Without configured tokens everybody may do everything. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { type AuthToken, findToken, type Scope } from '../auth-tokens.ts';
import { isDataRoute } from '../data-route.ts';
import { variants } from '../errors.ts';
import { sendRefusal } from '../refuse.ts';

/** Refuses requests without a known token with 401, and those whose token lacks a scope with 403 (both 0012). */
export function addAuth(app: FastifyInstance, tokens: readonly AuthToken[]): void {
  if (tokens.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    const needed = neededScopes(request);
    if (needed === 'open') return done();
    const token = findToken(tokens, presentedToken(request));
    if (token === undefined) return refuseUnknown(request, reply);
    const missing = needed.find(scope => !token.scopes.includes(scope));
    if (missing !== undefined) return refuseScope(request, reply, missing);
    done();
  });
}

/** A data request needs `call`, and `manage` besides when it brings a config; an unknown route needs any token. */
function neededScopes(request: FastifyRequest): readonly Scope[] | 'open' {
  if (request.is404) return [];
  const { scope } = request.routeOptions.config;
  if (scope === 'open') return 'open';
  const dataRoute = isDataRoute(request.url);
  const own = scope ?? (dataRoute ? 'call' : 'manage');
  return dataRoute && request.headers['x-mcp-json'] !== undefined ? [own, 'manage'] : [own];
}

function presentedToken(request: FastifyRequest): string {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function refuseUnknown(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('www-authenticate', 'Bearer');
  sendRefusal(
    request,
    reply,
    new Refusal('0012', 'send "Authorization: Bearer <token>" with a configured token'),
  );
}

function refuseScope(request: FastifyRequest, reply: FastifyReply, scope: Scope): void {
  reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
  sendRefusal(
    request,
    reply,
    new Refusal('0012', `the token lacks the scope "${scope}"`),
    variants.forbidden,
  );
}
