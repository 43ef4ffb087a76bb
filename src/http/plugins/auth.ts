/**
 * Who makes a request, and whether they may (contract §6): bearer tokens of the settings, and access tokens of an OAuth
 * authorization server. Where neither is set up everybody may do everything.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { challenge, type Fault } from '../auth/challenge.ts';
import { KeysUnavailable } from '../auth/issuer-keys.ts';
import { type OAuth, TokenRefused } from '../auth/oauth.ts';
import { ANYBODY, mayUse, notYours, type Principal, type Scope } from '../auth/principal.ts';
import { type AuthToken, type FindBearer, tokenFinder } from '../auth/tokens.ts';
import { type WrongTokenSettings, WrongTokens } from '../auth/wrong-tokens.ts';
import { addressOf } from '../client-address.ts';
import { isDataRoute } from '../data-route.ts';
import { variants } from '../errors.ts';
import { sendRefusal } from '../refuse.ts';

export interface AuthOptions {
  readonly tokens: readonly AuthToken[];
  readonly wrongTokens: WrongTokenSettings;
  /** null: only the tokens. */
  readonly oauth: OAuth | null;
  /** Origin of the gateway's own URL, as the client of a request sees it. */
  readonly originOf: (request: FastifyRequest) => string;
}

/** When the keys of the authorization server may be there, in ms; only a hint. */
const KEYS_RETRY_MS = 5_000;

/**
 * Says who makes each request. Refuses those without a good token with 401, and with 403 those whose token lacks a scope or
 * is for other services (all 0012).
 */
export function addAuth(app: FastifyInstance, options: AuthOptions): void {
  const { tokens, oauth } = options;
  const gate = tokens.length === 0 && oauth === null ? null : new Gate(options, tokenFinder(tokens));
  app.decorateRequest('principal', null);
  app.addHook('onRequest', (request, reply, done) => {
    if (gate === null) {
      request.principal = ANYBODY;
      return done();
    }
    const needed = neededScopes(request);
    if (needed === 'open') done();
    else gate.admit({ request, reply, needed, done, address: addressOf(request) });
  });
}

interface Visitor {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly needed: readonly Scope[];
  readonly done: () => void;
  /** Where it comes from; a socket forgets that when its client hangs up. */
  readonly address: string;
}

class Gate {
  readonly #options: AuthOptions;
  readonly #find: FindBearer;
  readonly #wrong: WrongTokens;

  constructor(options: AuthOptions, find: FindBearer) {
    this.#options = options;
    this.#find = find;
    this.#wrong = new WrongTokens(options.wrongTokens);
  }

  admit(visitor: Visitor): void {
    const { request, address } = visitor;
    const presented = presentedToken(request);
    if (presented === '') {
      this.#refuse(visitor, null);
      return;
    }
    const waitMs = this.#wrong.isQuiet ? 0 : this.#wrong.waitMs(address, request.server.gateway.now());
    if (waitMs > 0) {
      this.#admitKnown(visitor, presented, waitMs);
      return;
    }
    try {
      const principal = this.#find(presented) ?? this.#verify(request, presented);
      if (principal instanceof Promise) this.#await(visitor, principal);
      else this.#enter(visitor, principal);
    } catch (error) {
      this.#fail(visitor, error);
    }
  }

  /** Too many wrong tokens came from there: who has not been good there before gets no answer about this one. */
  #admitKnown(visitor: Visitor, presented: string, waitMs: number): void {
    const { request, reply, address } = visitor;
    const { oauth, originOf } = this.#options;
    const principal = this.#find(presented) ?? oauth?.recall(presented, originOf(request));
    if (principal !== undefined && this.#wrong.isKnown(address, principal.id)) {
      this.#enter(visitor, principal);
      return;
    }
    request.server.gateway.meters.shed.wrong_tokens++;
    const reason = 'too many wrong tokens came from this address (wrongTokensPerMinute)';
    sendRefusal(request, reply, new Refusal('0009', reason, waitMs));
  }

  #await(visitor: Visitor, principal: Promise<Principal>): void {
    principal
      .then(
        found => this.#enter(visitor, found),
        error => this.#fail(visitor, error),
      )
      .catch(fault => visitor.reply.send(fault)); // nothing of one request ends the gateway
  }

  #verify(request: FastifyRequest, presented: string): Principal | Promise<Principal> {
    const { oauth, originOf } = this.#options;
    if (oauth === null) throw new TokenRefused('it is none of the configured tokens', true);
    return oauth.verify(presented, originOf(request));
  }

  #enter(visitor: Visitor, principal: Principal): void {
    const { request, reply, needed, done, address } = visitor;
    this.#wrong.right(address, principal.id);
    const missing = needed.find(scope => !principal.scopes.includes(scope));
    if (missing !== undefined) this.#refuseScope(visitor, missing);
    else if (!exceeds(principal, request)) {
      request.principal = principal;
      done();
    } else if (principal.issuedFor) this.#refuse(visitor, 'it was issued for another resource');
    else sendRefusal(request, reply, notYours());
  }

  #fail(visitor: Visitor, error: unknown): void {
    const { request, reply, address } = visitor;
    if (error instanceof TokenRefused) {
      if (error.guessed) this.#wrong.wrong(address, request.server.gateway.now());
      this.#refuse(visitor, error.message);
    } else if (error instanceof KeysUnavailable) {
      const { refusalLog } = request.server.gateway;
      refusalLog.noteFault('warn', { tid: request.id, reason: error.message }, 'no token can be verified');
      const reason = 'the keys of the authorization server cannot be had now';
      sendRefusal(request, reply, new Refusal('0009', reason, KEYS_RETRY_MS));
    } else reply.send(error);
  }

  /** @param fault what is wrong with the token that was presented; null: none was */
  #refuse(visitor: Visitor, fault: string | null): void {
    const { request, reply } = visitor;
    const presented = fault === null ? null : { error: 'invalid_token' as const, description: fault };
    reply.header('www-authenticate', this.#challenge(visitor, presented));
    const reason = 'send "Authorization: Bearer <token>" with a configured token';
    const why = fault === null ? reason : `the token is not accepted, ${fault}`;
    sendRefusal(request, reply, new Refusal('0012', why), variants.unauthenticated);
  }

  #refuseScope(visitor: Visitor, missing: Scope): void {
    const description = `the token lacks the scope ${missing}`;
    const fault = { error: 'insufficient_scope' as const, description };
    visitor.reply.header('www-authenticate', this.#challenge(visitor, fault));
    sendRefusal(visitor.request, visitor.reply, new Refusal('0012', description));
  }

  #challenge({ request, needed }: Visitor, fault: Fault | null): string {
    const { oauth, originOf } = this.#options;
    return challenge(request, needed, fault, oauth && { server: oauth, origin: originOf(request) });
  }
}

/** A data request needs `call`, and `manage` besides when it brings a config; an unknown route needs any token. */
function neededScopes(request: FastifyRequest): readonly Scope[] | 'open' {
  if (request.is404) return [];
  const { config, url = '' } = request.routeOptions;
  if (config.scope === 'open') return 'open';
  const dataRoute = isDataRoute(url);
  const own = config.scope ?? (dataRoute ? 'call' : 'manage');
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

const SCHEME = 'Bearer ';

function presentedToken(request: FastifyRequest): string {
  const { authorization = '' } = request.headers;
  // As nearly everybody spells it; what is wrong inside is in no token that is known.
  if (authorization.startsWith(SCHEME) && !authorization.includes(' ', SCHEME.length))
    return authorization.slice(SCHEME.length);
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}
