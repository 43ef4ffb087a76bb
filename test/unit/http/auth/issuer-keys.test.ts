/** The keys of an authorization server: found, fetched within bounds, cached, and fetched anew when they rotate. */
import type { ServerResponse } from 'node:http';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import {
  type IssuerKeysOptions,
  issuerKeys,
  KeysUnavailable,
} from '../../../../src/http/auth/issuer-keys.ts';
import { type AuthorizationServer, authorizationServer } from '../../../support/authorization-server.ts';
import { dataRoute, testApp } from '../../../support/http-app.ts';

const METADATA = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

async function bench(options: Partial<IssuerKeysOptions> = {}) {
  const server = await authorizationServer();
  const keys = issuerKeys({ issuer: server.issuer, jwksUrl: null, ...options });
  return { server, verify: async (token: string) => (await jwtVerify(token, keys)).payload.sub };
}

it('are fetched when first needed, and not again for the next tokens', async () => {
  const { server, verify } = await bench();
  expect(server.asked).toEqual([]);
  const [first, second] = [await server.token('a'), await server.token('b')];
  expect(await Promise.all([verify(first), verify(second), verify(first)])).toEqual([
    'alice',
    'alice',
    'alice',
  ]);
  expect(server.asked).toEqual([METADATA, '/jwks']);
});

it('are where oauthJwksUrl says, without a look at metadata', async () => {
  const other = await authorizationServer();
  const { server, verify } = await bench({ jwksUrl: `${other.issuer}/jwks` });
  expect(await verify(await other.token('a', { iss: server.issuer }))).toBe('alice');
  expect([server.asked, other.asked]).toEqual([[], ['/jwks']]);
});

it('are fetched anew for a key that is unknown, so that a rotation is seen at once', async () => {
  const { server, verify } = await bench({ cooldownMs: 0 });
  const before = await server.token('a');
  expect(await verify(before)).toBe('alice');
  await server.rotate();
  expect(await verify(await server.token('a'))).toBe('alice');
  expect(server.keyFetches).toBe(2);
  await expect(verify(before)).rejects.toThrow('no applicable key');
});

it('are not fetched again within the cooldown, however many tokens name keys that do not exist', async () => {
  const { server, verify } = await bench();
  const { token } = await strangers(server);
  await expect(verify(await token())).rejects.toThrow('no applicable key');
  for (let n = 0; n < 20; n++) await expect(verify(await token())).rejects.toThrow('no applicable key');
  expect(server.keyFetches).toBe(1);
});

it.each<[string, RegExp, string, (response: ServerResponse, issuer: string) => void]>([
  [
    'metadata of another issuer',
    /names another issuer/,
    METADATA,
    (response, issuer) =>
      response.end(JSON.stringify({ issuer: 'https://evil.example', jwks_uri: `${issuer}/jwks` })),
  ],
  [
    'keys that anybody could change on their way',
    /no jwks_uri with https/,
    METADATA,
    (response, issuer) => response.end(JSON.stringify({ issuer, jwks_uri: 'http://keys.example/jwks' })),
  ],
  [
    'no metadata',
    /oauth-authorization-server answered HTTP 404; .*openid-configuration answered HTTP 404; set oauthJwksUrl/,
    METADATA,
    response => response.writeHead(404).end(),
  ],
  [
    'a page in place of metadata',
    /oauth-authorization-server answered with what is no JSON object; .*set oauthJwksUrl/,
    METADATA,
    response => response.end('<!doctype html>'),
  ],
  [
    'a page in place of keys',
    /\/jwks answered with what is no JSON object/,
    '/jwks',
    response => response.end('<!doctype html>'),
  ],
  [
    'a redirect',
    /answered HTTP 302/,
    '/jwks',
    response => response.writeHead(302, { location: '/jwks/elsewhere' }).end(),
  ],
  ['an error', /answered HTTP 500/, '/jwks', response => response.writeHead(500).end()],
  ['too much', /more than 262144 bytes/, '/jwks', response => response.end(Buffer.alloc(300_000, 32))],
  ['a broken connection', /cannot be reached \(UND_ERR_SOCKET\)/, '/jwks', response => response.destroy()],
])(
  'given %s, then there are none, and the server is left alone for a while',
  async (_what, reason, path, fault) => {
    const { server, verify } = await bench();
    const token = await server.token('a');
    server.faults.set(path, fault);
    const refused = verify(token);
    await expect(refused).rejects.toThrow(KeysUnavailable);
    await expect(refused).rejects.toThrow(reason);
    const { length } = server.asked;
    await expect(verify(token)).rejects.toThrow(/a moment ago/);
    expect(server.asked).toHaveLength(length);
  },
);

it.each([
  ['a page', '<!doctype html><title>Sign in</title>'],
  ['a list', '[]'],
  ['null', 'null'],
  [
    'the metadata of another issuer',
    '{"issuer":"https://evil.example","jwks_uri":"https://evil.example/jwks"}',
  ],
])('given %s at the first address of the metadata, then they are found by the next', async (_what, body) => {
  const { server, verify } = await bench();
  server.faults.set(METADATA, response => response.end(body));
  server.faults.set(OPENID, (response, issuer) =>
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` })),
  );
  expect(await verify(await server.token('a'))).toBe('alice');
  expect(server.asked).toEqual([METADATA, OPENID, '/jwks']);
});

it('given no keys now, then requests are refused 0009, and served once the server is back', async () => {
  const server = await authorizationServer();
  const token = await server.token('http://localhost');
  server.faults.set('/jwks', response => response.writeHead(503).end());
  const settings = { oauthIssuer: server.issuer, publicUrl: 'http://localhost' };
  const send = () => {
    const { app } = testApp({ settings, fronts: dataRoute(() => ({ code: 'reached' })) });
    const headers = { host: 'localhost', authorization: `Bearer ${token}` };
    return app.inject({ method: 'POST', url: '/mcp/stream/proxy/a', headers });
  };
  const refused = await send();
  expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
    503,
    '0009',
    '5',
  ]);
  server.faults.clear();
  expect((await send()).statusCode).toBe(200);
});

/** Tokens signed by somebody whose key the server does not have. */
async function strangers(server: AuthorizationServer) {
  const other = await authorizationServer();
  return {
    token: async () => {
      await other.rotate();
      return other.token('a', { iss: server.issuer });
    },
  };
}
