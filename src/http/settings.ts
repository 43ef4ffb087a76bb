/** The settings of the HTTP layer and their defaults (contract §6). */
import type { OAuthSettings } from './auth/oauth.ts';
import type { AuthToken } from './auth/tokens.ts';
import type { WrongTokenSettings } from './auth/wrong-tokens.ts';
import type { RateLimitSettings } from './overload/rate-limit.ts';

export interface HttpSettings extends OAuthSettings, RateLimitSettings, WrongTokenSettings {
  /** The address listened on; as a name it is also an allowed `Host`. */
  readonly host: string;
  /** Further names a `Host` or an `Origin` may have, besides loopback and `host`. */
  readonly allowedHosts: readonly string[];
  /** Where clients reach the gateway, as an origin; null: `http://`, the name in the `Host` of each request, and the port listened on. */
  readonly publicUrl: string | null;
  /** Proxies, as addresses and CIDR ranges, whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may call from a browser, such as `https://app.example.com`. */
  readonly corsOrigins: readonly string[];
  /** Memory for large bodies of requests that are not answered yet, in bytes. */
  readonly maxTotalBodyBytes: number;
  /** Longest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Longest service config, in bytes of JSON. */
  readonly maxConfigBytes: number;
  /** Answers codes 0001–0007 with HTTP 200, as the earlier system did. */
  readonly compatHttp200: boolean;
  /** Lines a second about requests that were refused; 0: none. */
  readonly logRefusalsPerSecond: number;
  /** Who may do what; empty, and no `oauthIssuer`: everybody everything. */
  readonly authTokens: readonly AuthToken[];
  /** Longest head of a request, in bytes; `x-mcp-json` has to fit in. */
  readonly maxHeaderBytes: number;
  /** Time, in ms, within which the head of a request must have arrived. */
  readonly headersTimeoutMs: number;
  /** Time, in ms, within which a whole request must have arrived; the answer may take longer. */
  readonly receiveTimeoutMs: number;
  /** Time, in ms, an idle connection is kept for the next request. */
  readonly keepAliveTimeoutMs: number;
  /** Connections open at a time; further ones are closed at once. */
  readonly maxConnections: number;
  /** Time, in ms, that answers under way get to finish when the server closes. */
  readonly drainGraceMs: number;
}

export const defaultHttpSettings: HttpSettings = {
  host: '127.0.0.1',
  allowedHosts: [],
  trustedProxies: [],
  corsOrigins: [],
  rateLimitPerSecond: 0,
  rateLimitBurst: 200,
  rateLimitPrincipals: 10_000,
  wrongTokensPerMinute: 60,
  wrongTokenAddresses: 10_000,
  maxTotalBodyBytes: 1024 * 1024 * 1024,
  maxBodyBytes: 20 * 1024 * 1024,
  maxConfigBytes: 256 * 1024,
  compatHttp200: false,
  logRefusalsPerSecond: 100,
  publicUrl: null,
  authTokens: [],
  oauthIssuer: null,
  oauthJwksUrl: null,
  oauthAudiences: [],
  oauthAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
  oauthScopes: [
    { name: 'call', scopes: ['call'] },
    { name: 'manage', scopes: ['manage'] },
    { name: 'view', scopes: ['view'] },
  ],
  oauthClockSkewMs: 30_000,
  maxHeaderBytes: 64 * 1024,
  headersTimeoutMs: 15_000,
  receiveTimeoutMs: 120_000,
  keepAliveTimeoutMs: 72_000,
  maxConnections: 20_000,
  drainGraceMs: 10_000,
};
