/** Wrong tokens: an address may present some, and guessing does not pay. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WrongTokens } from '../../../../src/http/auth/wrong-tokens.ts';
import type { HttpSettings } from '../../../../src/http/settings.ts';
import { RequestMeters } from '../../../../src/metrics/request-meters.ts';
import { authorizationServer } from '../../../support/authorization-server.ts';
import { testApp } from '../../../support/http-app.ts';

const GATEWAY = 'https://mcp.example.com';
const token = (name: string) => ({
  name,
  scopes: ['view'] as const,
  services: null,
  sha256: createHash('sha256').update(name).digest(),
});

function given(more: Partial<HttpSettings> = {}) {
  let now = 0;
  const meters = new RequestMeters();
  const authTokens = [token('ci'), token('other')];
  const settings = { authTokens, wrongTokensPerMinute: 3, wrongTokenAddresses: 2, ...more };
  const { app } = testApp({ settings, now: () => now, meters });
  const call = async (
    presented: string | null,
    remoteAddress = '192.0.2.1',
    headers: Record<string, string> = {},
  ) => {
    const authorization = presented === null ? {} : { authorization: `Bearer ${presented}` };
    const url = '/mcp/check/status/a';
    const reply = await app.inject({ url, remoteAddress, headers: { ...headers, ...authorization } });
    return [reply.statusCode, reply.json().code, reply.headers['retry-after']];
  };
  const pass = (ms: number) => {
    now += ms;
  };
  const guess = async (times: number, address?: string) => {
    for (let n = 0; n < times; n++)
      expect(await call(`guess-${n}`, address)).toEqual([401, '0012', undefined]);
  };
  return { call, guess, pass, meters };
}

const LIMITED = [503, '0009', '20'];
const GOOD = [200, '0000', undefined];

describe('wrong bearer tokens of one address', () => {
  it('given more than it may present, then its tokens are not looked at for a while, right ones neither', async () => {
    const { call, guess, pass, meters } = given();
    await guess(3);
    expect(await call('guess')).toEqual(LIMITED);
    expect(await call('ci')).toEqual(LIMITED);
    expect(meters.shed.wrong_tokens).toBe(2);
    expect(await call('ci', '192.0.2.2')).toEqual(GOOD);
    pass(20_000);
    expect(await call('ci')).toEqual(GOOD);
    pass(1e9);
    await guess(3);
    expect(await call('guess')).toEqual(LIMITED);
  });

  it('given somebody who has been good there, then they still are, and nobody else', async () => {
    const { call, guess } = given();
    expect(await call('ci')).toEqual(GOOD);
    await guess(3);
    expect(await call('ci')).toEqual(GOOD);
    expect(await call('other')).toEqual(LIMITED);
  });

  it('given requests without a token, then they are none', async () => {
    const { call } = given();
    for (let n = 0; n < 10; n++) expect(await call(null)).toEqual([401, '0012', undefined]);
    expect(await call('ci')).toEqual(GOOD);
  });

  it('given access tokens that have expired or are for something else, then they are none; forged ones are', async () => {
    const server = await authorizationServer();
    const { call } = given({ authTokens: [], oauthIssuer: server.issuer, publicUrl: GATEWAY });
    const expired = await server.token(GATEWAY, { exp: 1 });
    const foreign = await server.token('https://elsewhere.example');
    const good = await server.token(GATEWAY, { scope: 'view' });
    for (let n = 0; n < 5; n++) {
      for (const presented of [expired, foreign])
        expect(await call(presented)).toEqual([401, '0012', undefined]);
    }
    expect(await call(good)).toEqual(GOOD);
    for (let n = 0; n < 3; n++) expect((await call(`${good}x`))[0]).toBe(401);
    expect(await call(`${good}x`)).toEqual(LIMITED);
    expect(await call(await server.token(GATEWAY, { sub: 'bob', scope: 'view' }))).toEqual(LIMITED);
    expect(await call(good)).toEqual(GOOD);
  });

  const PROXY = '10.1.2.3';
  const from = (client: string) => ({ 'x-forwarded-for': client });

  it('given a proxy that is trusted, then each of its clients is counted by itself, whatever else the header says', async () => {
    const { call } = given({ trustedProxies: ['10.1.0.0/16'] });
    for (let n = 0; n < 3; n++) await call('guess', PROXY, from(`203.0.113.${n}, 192.0.2.1`));
    expect(await call('ci', PROXY, from('192.0.2.1'))).toEqual(LIMITED);
    expect(await call('ci', PROXY, from('192.0.2.2'))).toEqual(GOOD);
    expect(await call('ci', '192.0.2.1')).toEqual(LIMITED);
  });

  it.each(['192.0.2.1:%', '"[2001:db8::1]:%"', '[2001:db8::1]:%', 'unknown:%'])(
    'given one that appends the port, as in %s, then that makes no other client of it',
    async client => {
      const { call } = given({ trustedProxies: [PROXY] });
      for (let n = 0; n < 3; n++) await call('guess', PROXY, from(client.replace('%', `${n}`)));
      expect(await call('ci', PROXY, from(client.replace('%', '9')))).toEqual(LIMITED);
    },
  );

  it('given one that is not, then what it says of its clients is not believed', async () => {
    const { call } = given({ trustedProxies: ['10.2.0.0/16'] });
    for (let n = 0; n < 3; n++) await call('guess', PROXY, from(`192.0.2.${n}`));
    expect(await call('ci', PROXY, from('192.0.2.9'))).toEqual(LIMITED);
  });

  it('given 0, then any number is looked at', async () => {
    const { call, guess } = given({ wrongTokensPerMinute: 0 });
    await guess(20);
    expect(await call('ci')).toEqual(GOOD);
  });
});

describe('the book of wrong tokens', () => {
  const book = () => new WrongTokens({ wrongTokensPerMinute: 1, wrongTokenAddresses: 3 });

  it('given more addresses or principals than are remembered, then the first are forgotten (invariant 10)', () => {
    const tokens = book();
    for (let n = 0; n < 10; n++) {
      tokens.wrong(`192.0.2.${n}`, 0);
      tokens.right(`192.0.2.${n}`, 'token:ci');
    }
    expect(tokens.size).toBe(3);
    expect(tokens.waitMs('192.0.2.0', 0)).toBe(0);
    expect(tokens.waitMs('192.0.2.9', 0)).toBe(60_000);
    for (let n = 0; n < 1_000; n++) tokens.right('192.0.2.9', `oauth:${n}`);
    const known = Array.from({ length: 1_000 }, (_, n) => tokens.isKnown('192.0.2.9', `oauth:${n}`));
    expect(known.filter(Boolean)).toHaveLength(256);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('given %s and %s, then that they count as one is %s', (one, another, same) => {
    const tokens = book();
    tokens.wrong(one, 0);
    expect(tokens.waitMs(another, 0) > 0).toBe(same);
  });
});
