/** A little OAuth 2.1 authorization server: metadata, registration, PKCE, keys that rotate. It approves whoever asks. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

interface Key {
  /** undefined: keys and tokens have no id. */
  readonly kid: string | undefined;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly jwk: JWK;
}

type Claims = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Grant {
  readonly challenge: string;
  readonly resource: string | null;
  readonly scope: string;
}

export class AuthorizationServer {
  /** As whom every login ends; what the next tokens have as `sub`. */
  user = 'alice';
  /** Answers in place of the metadata or keys, by path. */
  readonly faults = new Map<string, (response: ServerResponse, issuer: string) => void>();
  /** Paths asked for, oldest first. */
  readonly asked: string[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  readonly #grants = new Map<string, Grant>();
  #keys: Key[] = [];

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often the keys were fetched. */
  get keyFetches(): number {
    return this.asked.filter(path => path === '/jwks').length;
  }

  /** Listens, until the test or its file is over. */
  async start(): Promise<this> {
    await this.rotate();
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** From now on another key signs, and no other is known. */
  async rotate(): Promise<void> {
    this.#keys = [await newKey(randomUUID())];
  }

  /** So many keys, none with an id; the last one signs. */
  async useKeysWithoutId(number: number): Promise<void> {
    this.#keys = await Promise.all(Array.from({ length: number }, () => newKey(undefined)));
  }

  /** A token for `audience`, unless `claims` say otherwise; a claim that is undefined is left out. */
  async token(audience: string, claims: Claims = {}): Promise<string> {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error('the server has no key yet');
    const now = Math.floor(Date.now() / 1000);
    const standard = { iss: this.issuer, sub: this.user, aud: audience, iat: now, exp: now + 300 };
    return new SignJWT({ ...standard, scope: 'call', ...claims })
      .setProtectedHeader({ alg: 'ES256', ...(key.kid && { kid: key.kid }), typ: 'at+jwt' })
      .sign(key.privateKey);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    this.asked.push(url.pathname);
    const fault = this.faults.get(url.pathname);
    if (fault !== undefined) return fault(response, this.issuer);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    switch (url.pathname) {
      case '/.well-known/oauth-authorization-server':
        return json(response, 200, this.#metadata());
      case '/jwks':
      case '/jwks/elsewhere':
        return json(response, 200, { keys: this.#keys.map(({ jwk }) => jwk) });
      case '/register':
        return json(response, 201, { ...JSON.parse(body), client_id: randomUUID() });
      case '/authorize':
        return this.#authorize(url.searchParams, response);
      case '/token':
        return this.#exchange(new URLSearchParams(body), response);
      default:
        return json(response, 404, {});
    }
  }

  #metadata(): object {
    const at = (path: string) => `${this.issuer}${path}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      registration_endpoint: at('/register'),
      jwks_uri: at('/jwks'),
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
    };
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID();
    const challenge = query.get('code_challenge') ?? '';
    this.#grants.set(code, { challenge, resource: query.get('resource'), scope: query.get('scope') ?? '' });
    const target = new URL(query.get('redirect_uri') ?? '');
    target.searchParams.set('code', code);
    target.searchParams.set('state', query.get('state') ?? '');
    response.writeHead(302, { location: target.href }).end();
  }

  async #exchange(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const grant = this.#grants.get(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant === undefined || grant.challenge !== verifier || grant.resource !== form.get('resource')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    this.#grants.delete(form.get('code') ?? '');
    const token = await this.token(grant.resource ?? '', { scope: grant.scope });
    json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 300, scope: grant.scope });
  }
}

async function newKey(kid: string | undefined): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), ...(kid && { kid }), alg: 'ES256' };
  return { kid, privateKey, jwk };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A server for one test. */
export async function authorizationServer(): Promise<AuthorizationServer> {
  const server = await new AuthorizationServer().start();
  onTestFinished(() => server.stop());
  return server;
}
