/** What a request must pass before its route sees it: Host and Origin, the drain and the load, an id where the path has one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { isDataRequest } from '../data-route.ts';
import { variants } from '../errors.ts';
import { type HostPolicy, type HostSettings, hostPolicy } from '../hosts.ts';
import type { Pressure } from '../overload/pressure.ts';
import { sendRefusal } from '../refuse.ts';

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

/** Methods by which nothing is changed (RFC 9110 §9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a `Host` or `Origin` that is not allowed with 403 (0012). What manages services is open to fewer origins than
 * what calls them: a call has a content type for which a browser asks first, and nobody says yes to it.
 */
export function addHostGuard(app: FastifyInstance, settings: HostSettings): void {
  const policy = hostPolicy(settings);
  app.addHook('onRequest', (request, reply, done) => {
    const { host, origin } = request.raw.headers;
    const fault = policy.allowsHost(host) ? faultOf(request, policy, origin, host) : WRONG_HOST;
    if (fault === null) done();
    else sendRefusal(request, reply, new Refusal('0012', fault));
  });
}

const WRONG_HOST = 'the Host header names no allowed host; add it to the setting allowedHosts';
const WRONG_ORIGIN =
  'the Origin is not allowed; add its host to the setting allowedHosts, or add it to corsOrigins';
const FOREIGN_PAGE =
  'the Origin is not that of the gateway, and a page of another may not manage services; add it to the setting corsOrigins';

/** What is wrong with the `Origin`; null: nothing. */
function faultOf(
  request: FastifyRequest,
  policy: HostPolicy,
  origin: string | undefined,
  host: string | undefined,
): string | null {
  if (origin === undefined) return null;
  if (!policy.allowsOrigin(origin, host)) return WRONG_ORIGIN;
  if (SAFE_METHODS.has(request.method) || isDataRequest(request)) return null;
  return policy.allowsManagement(origin, host) ? null : FOREIGN_PAGE;
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
