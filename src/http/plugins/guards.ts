/** What a request must pass before its route sees it: the drain, Host and Origin, an id where the path has one. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { variants } from '../errors.ts';
import { hostPolicy } from '../hosts.ts';
import { sendRefusal } from '../refuse.ts';
import type { HttpSettings } from '../settings.ts';

/** Milliseconds after which a client that met a closing gateway may try the next one. */
const DRAIN_RETRY_MS = 1000;

/** Refuses new work with 0009 while the server closes; `open` routes still answer. */
export function addDrainGuard(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!app.gateway.draining || request.routeOptions.config.scope === 'open') return done();
    sendRefusal(request, reply, new Refusal('0009', 'the gateway is shutting down', DRAIN_RETRY_MS));
  });
}

/** Refuses a `Host` or `Origin` that is not allowed with 403 (0012). */
export function addHostGuard(
  app: FastifyInstance,
  { host, allowedHosts, publicUrl }: Pick<HttpSettings, 'host' | 'allowedHosts' | 'publicUrl'>,
): void {
  const own = publicUrl === null ? [] : [new URL(publicUrl).hostname];
  const policy = hostPolicy(host, [...allowedHosts, ...own]);
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request.raw;
    if (!policy.allowsHost(headers.host)) {
      const refusal = new Refusal(
        '0012',
        'the Host header names no allowed host; add it to the setting allowedHosts',
      );
      sendRefusal(request, reply, refusal);
    } else if (!policy.allowsOrigin(headers.origin, headers.host)) {
      const refusal = new Refusal(
        '0012',
        'the Origin is not allowed; add its host to the setting allowedHosts',
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
