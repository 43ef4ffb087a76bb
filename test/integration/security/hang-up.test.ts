/** A client that is gone before it is known who it is. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AuthorizationServer, authorizationServer } from '../../support/authorization-server.ts';
import { deferred } from '../../support/deferred.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';

let dataDir: string;
let server: AuthorizationServer;
let gateway: RunningGateway;
beforeEach(async () => {
  dataDir = temporaryDirectory();
  server = await authorizationServer();
  gateway = await startGateway(dataDir, '--oauth-issuer', server.issuer);
});
afterEach(async () => {
  await gateway.end('SIGTERM');
  removeDirectory(dataDir);
});

it.each(['good', 'forged'])(
  'given a %s access token, when its client hangs up while the keys are fetched, then nobody else notices',
  async kind => {
    const good = await server.token(gateway.url, { scope: 'view' });
    const token = kind === 'good' ? good : `${good.slice(0, -8)}AAAAAAAA`;
    const asked = deferred<() => void>();
    server.faults.set('/jwks', response => {
      server.faults.delete('/jwks');
      const answer = async () => response.end(await (await fetch(`${server.issuer}/jwks`)).text());
      asked.resolve(() => void answer());
    });
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /api/v1/services HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    const answerKeys = await asked.promise;
    const closed = new Promise(resolve => socket.once('close', resolve));
    socket.resetAndDestroy();
    await closed;
    // It has heard of that when it answers what was sent after it.
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    answerKeys();
    const headers = { authorization: `Bearer ${good}` };
    expect((await fetch(`${gateway.url}/api/v1/services`, { headers })).status).toBe(200);
    expect(gateway.log()).not.toContain('TypeError');
  },
);
