/**
 * The gateway as an OAuth 2.1 resource server (MCP, "Authorization"): access tokens are JWTs of one issuer, checked by
 * signature, issuer, audience and time. Nothing is asked of the authorization server but its keys.
 */
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { issuerKeys, KeysUnavailable } from './issuer-keys.ts';
import type { Principal, Scope } from './principal.ts';
import { servicesOfAudience } from './resources.ts';
import { verifyToken } from './verify-token.ts';

/** A scope of the authorization server, and what it grants here. */
export interface ScopeGrant {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface OAuthSettings {
  /** The issuer of tokens, as its metadata and `iss` have it; null: no OAuth. */
  readonly oauthIssuer: string | null;
  /** Where its keys are; null: as its metadata says. */
  readonly oauthJwksUrl: string | null;
  /** Audiences that mean this gateway, besides its own URLs. */
  readonly oauthAudiences: readonly string[];
  /** Signature algorithms that are accepted; never a symmetric one. */
  readonly oauthAlgorithms: readonly string[];
  readonly oauthScopes: readonly ScopeGrant[];
  /** How far the clocks of issuer and gateway may differ, in ms. */
  readonly oauthClockSkewMs: number;
}

/** The token is none of ours, or no longer; the reason says what is wrong with it and repeats nothing of it. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  /** @param guessed nothing says that it was ever anybody's; false: it has come to its end, or is for something else */
  constructor(
    message: string,
    readonly guessed = false,
  ) {
    super(message);
  }
}

/** How long a token that was found good is not looked at again, in ms, and of how many that is known. */
const KNOWN_MS = 60_000;
const MAX_KNOWN = 1_000;
const MAX_SUBJECT_LENGTH = 255;

interface Known {
  readonly principal: Principal;
  /** Epoch ms. */
  readonly until: number;
}

export class OAuth {
  readonly #settings: OAuthSettings;
  readonly #issuer: string;
  readonly #keys: JWTVerifyGetKey;
  readonly #known = new Map<string, Known>();

  /** @param keys default: those of the issuer */
  constructor(settings: OAuthSettings, issuer: string, keys?: JWTVerifyGetKey) {
    this.#settings = settings;
    this.#issuer = issuer;
    this.#keys = keys ?? issuerKeys({ issuer, jwksUrl: settings.oauthJwksUrl });
  }

  get issuer(): string {
    return this.#issuer;
  }

  /** All scopes that can be asked for here, by the authorization server's names. */
  get scopeNames(): string[] {
    return this.#settings.oauthScopes.map(({ name }) => name);
  }

  /** The scopes to ask the authorization server for, to be allowed what is `needed`. */
  namesFor(needed: readonly Scope[]): string[] {
    const { oauthScopes } = this.#settings;
    const granting = (scope: Scope) => oauthScopes.find(({ scopes }) => scopes.includes(scope))?.name ?? [];
    return [...new Set(needed.flatMap(granting))];
  }

  /**
   * Whose token it is: at once where that is known.
   * @param origin of the gateway's own URL, as the client sees it
   * @throws {TokenRefused | KeysUnavailable} synchronously or by rejection
   */
  verify(token: string, origin: string): Principal | Promise<Principal> {
    const known = this.recall(token, origin);
    if (known !== undefined) return known;
    return this.#verify(token, origin).then(({ principal, until }) => {
      this.#remember(`${origin} ${token}`, { principal, until });
      return principal;
    });
  }

  /** Whose token it is, if that is known already. */
  recall(token: string, origin: string): Principal | undefined {
    const known = this.#known.get(`${origin} ${token}`);
    return known !== undefined && known.until > Date.now() ? known.principal : undefined;
  }

  async #verify(token: string, origin: string): Promise<Known> {
    const payload = await this.#payload(token);
    const { oauthAudiences, oauthScopes, oauthClockSkewMs } = this.#settings;
    const services = servicesOfAudience([payload.aud ?? []].flat(), origin, oauthAudiences);
    if (services !== 'all' && services.size === 0)
      throw new TokenRefused('it was issued for another resource');
    const granted = scopesIn(payload);
    const expiresAt = (payload.exp ?? 0) * 1000 + oauthClockSkewMs;
    const scopes = oauthScopes.filter(({ name }) => granted.has(name)).flatMap(grant => grant.scopes);
    return {
      principal: {
        id: `oauth:${subjectOf(payload)}`,
        scopes: [...new Set(scopes)],
        services: services === 'all' ? null : services,
        issuedFor: services !== 'all',
        expiresAt,
      },
      until: Math.min(Date.now() + KNOWN_MS, expiresAt),
    };
  }

  async #payload(token: string): Promise<JWTPayload> {
    const { oauthAlgorithms, oauthClockSkewMs } = this.#settings;
    // Most gateways have no authorization server: they do without the library.
    const jose = await import('jose');
    try {
      return await verifyToken(jose, token, this.#keys, {
        issuer: this.#issuer,
        algorithms: [...oauthAlgorithms],
        clockTolerance: oauthClockSkewMs / 1000,
        requiredClaims: ['exp', 'sub', 'aud'],
      });
    } catch (error) {
      throw judged(error, jose.errors);
    }
  }

  #remember(name: string, known: Known): void {
    this.#known.delete(name);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= MAX_KNOWN) this.#known.delete(oldest);
    this.#known.set(name, known);
  }
}

/** Whether a failure is the token's, or that of whoever should have had the keys. */
function judged(error: unknown, errors: typeof import('jose').errors): unknown {
  if (error instanceof errors.JWTExpired) return new TokenRefused('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenRefused(`its claim "${error.claim}" is missing or not as it must be`);
  }
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) {
    return new KeysUnavailable('the authorization server did not answer with keys');
  }
  if (error instanceof errors.JOSEError) return new TokenRefused('it is no valid token of the issuer', true);
  return error;
}

/** `scope` as text or list, and `scp`, which some servers have in its place. */
function scopesIn({ scope, scp }: JWTPayload): ReadonlySet<string> {
  const lists = [scope, scp].flat().filter(item => typeof item === 'string');
  return new Set(lists.flatMap(list => list.split(' ')));
}

function subjectOf({ sub = '' }: JWTPayload): string {
  if (sub === '' || sub.length > MAX_SUBJECT_LENGTH || /[\p{C}\p{Zl}\p{Zp}]/u.test(sub)) {
    throw new TokenRefused('its claim "sub" is missing or not as it must be');
  }
  return sub;
}
