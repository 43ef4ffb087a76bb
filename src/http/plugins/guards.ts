/** What a request must pass before its route sees it: the drain and the load, Host and Origin, an id where the path has one. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { variants } from '../errors.ts';
import { hostPolicy } from '../hosts.ts';
import type { Pressure } from '../overload/pressure.ts';
import { sendRefusal } from '../refuse.ts';
import type { HttpSettings } from '../settings.ts';

/** Milliseconds after which a client that met a closing or overloaded gateway may try again, or try the next one. */
const RETRY_MS = 1000;

/**
 * Refuses new work with 0009 while the server closes, and while it has more to do than it can. `open` routes still answer,
 * and under load those that only look do, too: whoever mends it has to see.
 */
export function addLoadGuard(app: FastifyInstance, pressure: Pick<Pressure, 'reason'>): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { draining, meters } = app.gateway;
    const { reason } = pressure;
    if (!draining && reason === null) return done();
    const { scope } = request.routeOptions.config;
    if (scope === 'open' || (scope === 'view' && !draining)) return done();
    if (!draining) meters.shed.overload++;
    const why = draining ? 'the gateway is shutting down' : `the gateway is overloaded: ${reason}`;
    sendRefusal(request, reply, new Refusal('0009', why, RETRY_MS));
  });
}

/** Refuses a `Host` or `Origin` that is not allowed with 403 (0012). */
export function addHostGuard(
  app: FastifyInstance,
  {
    host,
    allowedHosts,
    publicUrl,
    corsOrigins,
  }: Pick<HttpSettings, 'host' | 'allowedHosts' | 'publicUrl' | 'corsOrigins'>,
): void {
  const own = publicUrl === null ? [] : [new URL(publicUrl).hostname];
  const policy = hostPolicy(host, [...allowedHosts, ...own]);
  const pages = new Set(corsOrigins);
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request.raw;
    if (!policy.allowsHost(headers.host)) {
      const refusal = new Refusal(
        '0012',
        'the Host header names no allowed host; add it to the setting allowedHosts',
      );
      sendRefusal(request, reply, refusal);
    } else if (!policy.allowsOrigin(headers.origin, headers.host) && !pages.has(headers.origin ?? '')) {
      const refusal = new Refusal(
        '0012',
        'the Origin is not allowed; add its host to the setting allowedHosts, or add it to corsOrigins',
      );
      sendRefusal(request, reply, refusal);
    } else {
      done();
    }
  });
}

/** Refuses a path whose `:id` is empty, such as `/mcp/check/status/`, with 0001 and 400 (contract §1). */
export function addPathIdGuard(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!hasEmptyId(request.params)) return done();
    sendRefusal(request, reply, new Refusal('0001', 'the path names no id'), variants.pathWithoutId);
  });
}

function hasEmptyId(params: unknown): boolean {
  return typeof params === 'object' && params !== null && 'id' in params && params.id === '';
}
