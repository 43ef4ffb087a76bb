/** Traces the requests that manage services. Calls are traced by their front, reading is not. */
import type { FastifyInstance } from 'fastify';
import type { Tracing } from '../../tracing/port.ts';
import { isDataRoute } from '../data-route.ts';

/** To be added behind whatever turns strangers away: they get no trace. */
export function addCommandTraces(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, url, id: tid, headers, receivedAtMs, params } = request;
    if (method === 'GET' || request.is404 || isDataRoute(url)) return done();
    request.commandTrace = tracing.command({
      method,
      route: request.routeOptions.url ?? url,
      serviceId: serviceIdIn(params),
      headers,
      tid,
      ageMs: receivedAtMs === undefined ? 0 : app.gateway.now() - receivedAtMs,
    });
    done();
  });
  app.addHook('onResponse', ({ commandTrace }, { statusCode }, done) => {
    commandTrace?.end(statusCode);
    done();
  });
}

function serviceIdIn(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('id' in params)) return null;
  return String(params.id);
}
