/** `GET /health`, `GET /ready`: plain text, no token needed (contract §2). */
import type { FastifyInstance } from 'fastify';

/** @param readiness false until replay is done */
export function healthRoutes(app: FastifyInstance, readiness: () => boolean): void {
  const options = { config: { scope: 'open' }, exposeHeadRoute: true } as const;
  app.get('/health', options, (_request, reply) => reply.type('text/plain; charset=utf-8').send('health'));
  app.get('/ready', options, (_request, reply) => {
    const ready = readiness() && !app.gateway.draining;
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(ready ? 'ready' : 'not ready');
  });
}
