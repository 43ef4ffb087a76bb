/** Management routes ask for transitions in the turn of their handler: whose request that is, the bus's listeners can tell. */
import type { FastifyInstance, preHandlerHookHandler } from 'fastify';
import { isDataRoute } from '../data-route.ts';

/** To be added before the routes. Data routes are left alone: their front says so itself, where it admits (`front.ts`). */
export function addCurrentRequest(app: FastifyInstance): void {
  app.addHook('onRoute', route => {
    if (!isDataRoute(route.url)) route.preHandler = [begin, ...[route.preHandler ?? []].flat()];
  });
}

/** The handler follows at once; what it awaits comes after the microtask. */
const begin: preHandlerHookHandler = (request, _reply, done) => {
  const { current } = request.server.gateway;
  current.request = request;
  queueMicrotask(() => {
    if (current.request === request) current.request = null;
  });
  done();
};
