/** The keys of the authorization server: where they are, fetched within bounds, cached, and fetched anew when they rotate. */
import type { JWTVerifyGetKey } from 'jose';
import { objectIn } from '../../backends/rpc/places.ts';
import { isSecureUrl } from './secure-url.ts';

/** Keys cannot be had now, so no token can be told good or bad. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** null: the `jwks_uri` of the issuer's metadata (RFC 8414, OpenID Connect Discovery). */
  readonly jwksUrl: string | null;
  /** Time, in ms, in which an unknown key causes no second fetch, nor a failed fetch another. Default 30 s. */
  readonly cooldownMs?: number;
  /** Age, in ms, from which keys are fetched anew. Default 10 min. */
  readonly maxAgeMs?: number;
}

const FETCH_TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;
const COOLDOWN_MS = 30_000;
const MAX_AGE_MS = 10 * 60_000;

/** Finds the key of a token. Nothing is fetched before the first is asked for. It rejects with KeysUnavailable, or as jose does. */
export function issuerKeys(options: IssuerKeysOptions): JWTVerifyGetKey {
  const { issuer, jwksUrl, cooldownMs = COOLDOWN_MS, maxAgeMs = MAX_AGE_MS } = options;
  const patience = new Patience(cooldownMs);
  const connect = async () => {
    const { createRemoteJWKSet, customFetch } = await import('jose');
    const url = jwksUrl ?? (await patience.attempt(() => discover(issuer)));
    return createRemoteJWKSet(new URL(url), {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cooldownDuration: cooldownMs,
      cacheMaxAge: maxAgeMs,
      [customFetch]: (target: string, { headers, signal }: { headers: Headers; signal: AbortSignal }) =>
        patience.attempt(() => fetchKeys(target, { headers, signal })),
    });
  };
  let connecting: ReturnType<typeof connect> | undefined;
  return async (header, token) => {
    connecting ??= connect().catch(error => {
      connecting = undefined;
      throw error;
    });
    const keys = await connecting;
    return keys(header, token);
  };
}

/** After a failure nothing is tried for a while: a server that is down is not asked once per request. */
class Patience {
  readonly #pauseMs: number;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(pauseMs: number) {
    this.#pauseMs = Math.min(pauseMs, FETCH_TIMEOUT_MS);
  }

  /** @throws {KeysUnavailable} */
  async attempt<T>(action: () => Promise<T>): Promise<T> {
    if (performance.now() - this.#failedAt < this.#pauseMs) {
      throw new KeysUnavailable('the authorization server could not be reached a moment ago');
    }
    try {
      return await action();
    } catch (error) {
      this.#failedAt = performance.now();
      if (error instanceof KeysUnavailable) throw error;
      throw new KeysUnavailable(`the authorization server cannot be reached (${reasonOf(error)})`);
    }
  }
}

/**
 * The URL of the issuer's keys, by its metadata. What answers at one address with something else, as a page that stands for
 * every unknown path, may have the metadata at the next.
 * @throws {KeysUnavailable} there is none that can be trusted; the message says what was at each address
 */
async function discover(issuer: string): Promise<string> {
  const faults: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const answer = await fetchBounded(url, { headers: { accept: 'application/json' }, signal });
    const found = keysIn(answer, issuer);
    if ('url' in found) return found.url;
    faults.push(`${url} ${found.fault}`);
  }
  throw new KeysUnavailable(`no metadata of the issuer can be used: ${faults.join('; ')}; set oauthJwksUrl`);
}

function keysIn(answer: Answer, issuer: string): { readonly url: string } | { readonly fault: string } {
  if (answer.status !== 200) return { fault: `answered HTTP ${answer.status}` };
  const metadata = objectIn(textOf(answer));
  if (metadata === null) return { fault: NO_OBJECT };
  const { issuer: named, jwks_uri: url } = metadata;
  if (named !== issuer) return { fault: 'names another issuer' };
  if (typeof url !== 'string' || !isSecureUrl(url)) return { fault: 'names no jwks_uri with https' };
  return { url };
}

/** Of RFC 8414 §3.1 first, then of OpenID Connect in both of its forms. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

interface Answer {
  readonly status: number;
  /** Empty unless the status is 200. */
  readonly body: Buffer;
}

const NO_OBJECT = 'answered with what is no JSON object';

/** A set of keys, as its library wants it. @throws {KeysUnavailable} it is none, or not HTTP 200 */
async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetchBounded(url, init);
  const { status, body } = answer;
  if (status !== 200) throw new KeysUnavailable(`the authorization server answered HTTP ${status}`);
  if (objectIn(textOf(answer)) === null) throw new KeysUnavailable(`${url} ${NO_OBJECT}`);
  return new Response(new Uint8Array(body), { status });
}

const textOf = ({ body }: Answer) => new TextDecoder().decode(body);

/** No redirect, no more than `MAX_BYTES`. @throws {KeysUnavailable} too long */
async function fetchBounded(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES)
      throw new KeysUnavailable(`the authorization server sent more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { status } = response;
  return { status, body: Buffer.concat(status === 200 ? chunks : []) };
}

/** What went wrong on the way: `fetch` tells it in the cause of its error. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: Error & { readonly code?: string } };
  return cause?.code ?? cause?.message ?? name;
}
