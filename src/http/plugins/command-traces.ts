/** Traces the requests that manage services. Calls are traced by their front, reading is not. */
import type { FastifyInstance, onRequestHookHandler, onResponseHookHandler } from 'fastify';
import type { Tracing } from '../../tracing/port.ts';
import { isDataRoute } from '../data-route.ts';

/**
 * To be added before the routes. The hooks are those of the routes that need them: one for all would make listeners for each
 * call. Whoever is turned away before gets no trace.
 */
export function addCommandTraces(app: FastifyInstance, tracing: Tracing): void {
  const begin: onRequestHookHandler = (request, _reply, done) => {
    const { method, url, id: tid, headers, receivedAtMs, params } = request;
    request.commandTrace = tracing.command({
      method,
      route: request.routeOptions.url ?? url,
      serviceId: serviceIdIn(params),
      headers,
      tid,
      ageMs: receivedAtMs === undefined ? 0 : app.gateway.now() - receivedAtMs,
    });
    done();
  };
  app.addHook('onRoute', route => {
    if (isDataRoute(route.url) || [route.method].flat().includes('GET')) return;
    route.onRequest = [...[route.onRequest ?? []].flat(), begin];
    route.onResponse = [...[route.onResponse ?? []].flat(), end];
  });
}

const end: onResponseHookHandler = ({ commandTrace }, { statusCode }, done) => {
  commandTrace?.end(statusCode);
  done();
};

function serviceIdIn(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('id' in params)) return null;
  return String(params.id);
}
