/** Bearer tokens with scopes (contract §6). Without configured tokens everybody may do everything. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { ANYBODY, mayUse, notYours, type Principal, type Scope } from '../auth/principal.ts';
import { type AuthToken, tokenFinder } from '../auth/tokens.ts';
import { isDataRoute } from '../data-route.ts';
import { variants } from '../errors.ts';
import { sendRefusal } from '../refuse.ts';

/**
 * Says who makes each request. Refuses those without a known token with 401, and with 403 those whose token lacks a scope
 * or is for other services (all 0012).
 */
export function addAuth(app: FastifyInstance, tokens: readonly AuthToken[]): void {
  const find = tokens.length === 0 ? () => ANYBODY : tokenFinder(tokens);
  app.decorateRequest('principal', null);
  app.addHook('onRequest', (request, reply, done) => {
    const needed = neededScopes(request);
    if (needed === 'open') return done();
    const principal = find(presentedToken(request));
    if (principal === undefined) return refuseUnknown(request, reply);
    const missing = needed.find(scope => !principal.scopes.includes(scope));
    if (missing !== undefined) return refuseScope(request, reply, missing);
    if (exceeds(principal, request)) {
      sendRefusal(request, reply, notYours());
      return;
    }
    request.principal = principal;
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

/** Whether a token that is for some services only does not reach as far as the route: safe where a route says nothing. */
function exceeds(principal: Principal, request: FastifyRequest): boolean {
  if (principal.services === null || request.is404) return false;
  const { params } = request;
  if (typeof params === 'object' && params !== null && 'id' in params) {
    return !mayUse(principal, String(params.id));
  }
  return request.routeOptions.config.confined !== true;
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
    variants.unauthenticated,
  );
}

function refuseScope(request: FastifyRequest, reply: FastifyReply, scope: Scope): void {
  reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
  sendRefusal(request, reply, new Refusal('0012', `the token lacks the scope "${scope}"`));
}
