/** By which URL the gateway is known where no publicUrl says it: tokens for any other are none of its own. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { localOrigins } from '../../../../src/http/auth/origin.ts';
import { authorizationServer } from '../../../support/authorization-server.ts';
import { testApp } from '../../../support/http-app.ts';

describe('the origin of a request without publicUrl', () => {
  const originOf = (host: string | undefined, localAddress: string, allowedHosts: string[] = []) =>
    localOrigins({ host: '127.0.0.1', allowedHosts })({ host, localAddress, localPort: 8085 });

  it.each([
    ['127.0.0.1:8085', '127.0.0.1', 'http://127.0.0.1:8085'],
    ['LOCALHOST:8085', '127.0.0.1', 'http://localhost:8085'],
    ['[::1]:8085', '::1', 'http://[::1]:8085'],
    ['localhost:8085', '::1', 'http://localhost:8085'],
    ['127.0.0.1:8085', '::ffff:127.0.0.1', 'http://127.0.0.1:8085'],
  ])('given the Host %s at %s, then it is %s', (host, address, origin) =>
    expect(originOf(host, address)).toBe(origin),
  );

  it.each(['localhost:9999', 'localhost'])('given the Host %s, then the port is the one listened on', host =>
    expect(originOf(host, '127.0.0.1')).toBe('http://localhost:8085'),
  );

  it.each(['127.0.0.2:8085', '[::1]:8085', 'localhost:x', undefined])(
    'given the Host %s, where another server may be, then it is the address where it arrived',
    host => expect(originOf(host, '127.0.0.1')).toBe('http://127.0.0.1:8085'),
  );

  it('given a name of allowedHosts, then that is one of the gateway’s', () => {
    expect(originOf('gate.example', '127.0.0.1', ['Gate.example'])).toBe('http://gate.example:8085');
    expect(originOf('gate.example', '127.0.0.1')).toBe('http://127.0.0.1:8085');
  });

  it('given port 80, then it is as clients write it', () => {
    const find = localOrigins({ host: '127.0.0.1', allowedHosts: [] });
    expect(find({ host: 'localhost', localAddress: '127.0.0.1', localPort: 80 })).toBe('http://localhost');
  });
});

describe('a token for another server of this machine', () => {
  it('given its host and port as the Host, then it is not taken, and the challenge names the gateway’s own URL', async () => {
    const server = await authorizationServer();
    const { app } = testApp({ settings: { oauthIssuer: server.issuer } });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const own = `http://localhost:${port}`;
    const send = async (host: string, audience: string) => {
      const token = await server.token(audience, { scope: 'view' });
      const headers = { host, authorization: `Bearer ${token}`, connection: 'close' };
      const request = get({ host: '127.0.0.1', port, path: '/mcp/check/status/a', headers });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return [response.resume().statusCode, response.headers['www-authenticate']];
    };
    expect(await send(`localhost:${port}`, own)).toEqual([200, undefined]);
    const elsewhere = `localhost:${port === 9999 ? 9998 : 9999}`;
    const [status, challenge] = await send(elsewhere, `http://${elsewhere}`);
    expect(status).toBe(401);
    expect(challenge).toContain(`resource_metadata="${own}/.well-known/oauth-protected-resource"`);
    expect(await send(elsewhere, own)).toEqual([200, undefined]);
    const [other] = await send(`127.0.0.2:${port}`, `http://127.0.0.2:${port}`);
    expect(other).toBe(401);
  });
});
