/** Access tokens of an authorization server: which are taken, and for what (MCP, "Authorization"). */
import { createHash } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { HttpSettings } from '../../../../src/http/settings.ts';
import { type AuthorizationServer, authorizationServer } from '../../../support/authorization-server.ts';
import { dataRoute, stdioConfig, testApp } from '../../../support/http-app.ts';

const GATEWAY = 'https://mcp.example.com';
const FILES = '/mcp/stream/proxy/files';

async function bench(settings: Partial<HttpSettings> = {}) {
  const server = await authorizationServer();
  const own = { oauthIssuer: server.issuer, publicUrl: GATEWAY };
  const { app } = testApp({
    settings: { ...own, ...settings },
    fronts: dataRoute(() => ({ code: 'reached' })),
  });
  const send = (token: string | null, url = FILES, headers: object = {}) =>
    app.inject({
      method: url.includes('/status/') || url.startsWith('/.') ? 'GET' : 'POST',
      url,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
    });
  const statusOf = async (token: string, url?: string) => (await send(token, url)).statusCode;
  return { server, app, send, statusOf };
}

/** A challenge with parameters that are quoted strings without anything to escape (RFC 9110 §11.6.1, RFC 6750 §3). */
const CHALLENGE =
  /^Bearer [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(?:, [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*")*$/;

const now = () => Math.floor(Date.now() / 1000);

describe('a token of the issuer', () => {
  it('for the gateway is good for every service and route that its scopes allow', async () => {
    const { server, send, statusOf } = await bench();
    const token = await server.token(GATEWAY, { scope: 'call view' });
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf(token, '/mcp/stream/proxy/other')).toBe(200);
    expect(await statusOf(token, '/mcp/check/status/any')).toBe(200);
    const reply = await send(token, '/mcp/sse/add');
    expect([reply.statusCode, reply.json().code]).toEqual([403, '0012']);
  });

  it.each([FILES, '/mcp/sse/proxy/files', '/mcp/sse/proxy/files/sse', '/mcp/sse/proxy/files/message'])(
    'for %s is good for that service alone, elsewhere 401',
    async resource => {
      const { server, send, statusOf } = await bench();
      const token = await server.token(`${GATEWAY}${resource}`, { scope: 'call manage view' });
      expect(await statusOf(token)).toBe(200);
      expect(await statusOf(token, '/mcp/check/status/files')).toBe(200);
      for (const url of ['/mcp/stream/proxy/other', '/mcp/stream/proxy/filesystem', '/mcp/sse/add']) {
        const reply = await send(token, url);
        expect([url, reply.statusCode]).toEqual([url, 401]);
        expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
      }
    },
  );

  it('may name the gateway by one of oauthAudiences, among others, and its scopes by other names', async () => {
    const { server, statusOf } = await bench({
      oauthAudiences: ['urn:evergate'],
      oauthScopes: [{ name: 'mcp:use', scopes: ['call', 'view'] }],
    });
    const claims = { aud: ['https://elsewhere.example', 'urn:evergate'] };
    expect(await statusOf(await server.token('', { ...claims, scope: 'mcp:use' }))).toBe(200);
    expect(await statusOf(await server.token('', { ...claims, scope: undefined, scp: ['mcp:use'] }))).toBe(
      200,
    );
    expect(await statusOf(await server.token('', { ...claims, scope: 'call' }))).toBe(403);
  });

  it('needs manage besides call where it brings a config', async () => {
    const { server, send } = await bench();
    const header = { 'x-mcp-json': Buffer.from(JSON.stringify(stdioConfig)).toString('base64') };
    expect((await send(await server.token(GATEWAY), FILES, header)).statusCode).toBe(403);
    const token = await server.token(GATEWAY, { scope: 'call manage' });
    expect((await send(token, FILES, header)).statusCode).toBe(200);
  });

  it('is taken within the clock skew, and not beyond it', async () => {
    const { server, statusOf } = await bench({ oauthClockSkewMs: 60_000 });
    expect(await statusOf(await server.token(GATEWAY, { exp: now() - 30 }))).toBe(200);
    expect(await statusOf(await server.token(GATEWAY, { exp: now() - 61 }))).toBe(401);
    expect(await statusOf(await server.token(GATEWAY, { nbf: now() + 30 }))).toBe(200);
    expect(await statusOf(await server.token(GATEWAY, { nbf: now() + 90 }))).toBe(401);
  });

  it('is taken with an algorithm that oauthAlgorithms lists', async () => {
    const { server, statusOf } = await bench({ oauthAlgorithms: ['RS256'] });
    expect(await statusOf(await server.token(GATEWAY))).toBe(401);
  });

  it('is taken whichever of several keys without an id has signed it; one that none has signed is not', async () => {
    const { server, send } = await bench({ wrongTokensPerMinute: 1 });
    await server.useKeysWithoutId(3);
    for (const scope of ['call', 'call view'])
      expect((await send(await server.token(GATEWAY, { scope }))).statusCode).toBe(200);
    const late = await send(await server.token(GATEWAY, { exp: now() - 3_600 }));
    expect(late.json().message).toContain('it has expired');
    const other = await authorizationServer();
    await other.useKeysWithoutId(2);
    const forged = await send(await other.token(GATEWAY, { iss: server.issuer }));
    expect([forged.statusCode, forged.json().message]).toEqual([
      401,
      expect.stringContaining('no valid token'),
    ]);
  });

  it('for another gateway opens nothing, not even a route that does not exist', async () => {
    const { server, statusOf } = await bench();
    const token = await server.token('https://other.example', { scope: 'call manage view' });
    expect(await statusOf(token, '/nowhere')).toBe(401);
    expect(await statusOf(token, '/mcp/sse/check_status')).toBe(401);
  });

  it('stands beside the tokens of the settings', async () => {
    const sha256 = createHash('sha256').update('static').digest();
    const authTokens = [{ name: 'ci', scopes: ['call'] as const, services: null, sha256 }];
    const { server, statusOf } = await bench({ authTokens });
    expect(await statusOf('static')).toBe(200);
    expect(await statusOf(await server.token(GATEWAY))).toBe(200);
    expect(await statusOf('other')).toBe(401);
  });
});

describe('not taken, with 401, are', () => {
  const forged = async (server: AuthorizationServer) => {
    const other = await authorizationServer();
    return other.token(GATEWAY, { iss: server.issuer });
  };
  /** Signed by HMAC, with what everybody knows as the key: what an alg that the token chooses would let through. */
  const confused = (server: AuthorizationServer) =>
    new SignJWT({ iss: server.issuer, sub: 'alice', aud: GATEWAY, exp: now() + 300, scope: 'call' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('a public key, as everybody can read it'));
  const unsigned = (server: AuthorizationServer) =>
    new UnsecuredJWT({
      iss: server.issuer,
      sub: 'alice',
      aud: GATEWAY,
      exp: now() + 300,
      scope: 'call',
    }).encode();
  const tampered = async (server: AuthorizationServer) => {
    const [head, , signature] = (await server.token(GATEWAY)).split('.');
    const claims = { iss: server.issuer, sub: 'root', aud: GATEWAY, exp: now() + 300, scope: 'manage' };
    return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  };

  it.each<[string, (server: AuthorizationServer) => string | Promise<string>]>([
    ['what is no JWT', () => 'nonsense'],
    ['a token signed by somebody else', forged],
    ['a token signed by HMAC', confused],
    ['an unsigned token', unsigned],
    ['a token that was changed', tampered],
    ['an expired token', server => server.token(GATEWAY, { exp: now() - 3_600 })],
    ['a token that never expires', server => server.token(GATEWAY, { exp: undefined })],
    ['a token of another issuer', server => server.token(GATEWAY, { iss: 'https://evil.example' })],
    ['a token without audience', server => server.token('', { aud: undefined })],
    ['a token for another gateway', server => server.token('https://other.example')],
    ['a token for another port', server => server.token(`${GATEWAY}:8443`)],
    ['a token for a path that is no service', server => server.token(`${GATEWAY}/mcp/stream/proxy/`)],
    ['a token for a broken path', server => server.token(`${GATEWAY}/mcp/stream/proxy/%zz`)],
    ['a token without subject', server => server.token(GATEWAY, { sub: undefined })],
    ['a token with a subject that would spoil logs', server => server.token(GATEWAY, { sub: 'a\nb' })],
  ])('%s', async (_what, make) => {
    const { server, send } = await bench();
    const token = await make(server);
    const reply = await send(token);
    expect([reply.statusCode, reply.json().code, reply.json().error.code]).toEqual([401, '0012', -32010]);
    const challenge = String(reply.headers['www-authenticate']);
    expect(challenge).toContain('error="invalid_token"');
    expect(challenge).toMatch(CHALLENGE);
    expect(JSON.stringify([reply.body, reply.headers])).not.toContain(token);
  });
});

describe('a client that was refused learns', () => {
  const metadata = `${GATEWAY}/.well-known/oauth-protected-resource`;

  it.each([
    [FILES, `${metadata}${FILES}`, 'call'],
    [`${FILES}?x=1`, `${metadata}${FILES}`, 'call'],
    ['/mcp/check/status/files', metadata, 'view'],
    ['/mcp/sse/add', metadata, 'manage'],
  ])('of %s where its metadata is, and which scope to ask for', async (url, at, scope) => {
    const { send } = await bench();
    const reply = await send(null, url);
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(`Bearer resource_metadata="${at}", scope="${scope}"`);
  });

  it('that a scope is missing, and all that the request needs', async () => {
    const { server, send } = await bench();
    const reply = await send(await server.token(GATEWAY), FILES, { 'x-mcp-json': 'e30=' });
    expect(reply.statusCode).toBe(403);
    expect(reply.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_scope", error_description="the token lacks the scope manage", ' +
        `resource_metadata="${metadata}${FILES}", scope="call manage"`,
    );
  });

  it.each(['', FILES, '/mcp/sse/proxy/files', '/mcp/sse/proxy/files/sse', '/mcp/stream/proxy/a%20b'])(
    'from the metadata of "%s" where to get a token for exactly that, without having one',
    async path => {
      const { server, send } = await bench();
      const reply = await send(null, `/.well-known/oauth-protected-resource${path}`);
      expect(reply.statusCode).toBe(200);
      expect(reply.json()).toEqual({
        resource: `${GATEWAY}${path}`,
        resource_name: 'Evergate',
        authorization_servers: [server.issuer],
        scopes_supported: ['call', 'manage', 'view'],
        bearer_methods_supported: ['header'],
      });
    },
  );
});

it('given no publicUrl and a Host that is no part of a URL, then the request is refused and nothing fails inside', async () => {
  const { app } = await bench({ publicUrl: null });
  for (const presented of [{}, { authorization: 'Bearer x' }]) {
    const reply = await app.inject({ url: '/mcp/check/status/a', headers: { host: '::1', ...presented } });
    expect([reply.statusCode, reply.json().code]).toEqual([403, '0012']);
  }
});

describe('the host of publicUrl', () => {
  it('is a Host that is answered', async () => {
    const { app } = await bench();
    const reply = await app.inject({ url: '/health', headers: { host: 'mcp.example.com' } });
    expect(reply.statusCode).toBe(200);
  });
});
