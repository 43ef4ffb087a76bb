/** `GET /health`, `GET /ready`: plain text, no token needed (contract §2). */
import type { FastifyInstance } from 'fastify';

const plain = (description: string) => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
});

const healthSchema = {
  operationId: 'health',
  summary: 'Whether the process lives',
  tags: ['operations'],
  response: { 200: plain('It does.') },
} as const;

const readySchema = {
  operationId: 'ready',
  summary: 'Whether it takes requests',
  tags: ['operations'],
  response: { 200: plain('It does.'), 503: plain('Not before replay is done, nor while it stops.') },
} as const;

/** @param readiness false until replay is done */
export function healthRoutes(app: FastifyInstance, readiness: () => boolean): void {
  const options = { config: { scope: 'open' }, exposeHeadRoute: true } as const;
  app.get('/health', { ...options, schema: healthSchema }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('health'),
  );
  app.get('/ready', { ...options, schema: readySchema }, (_request, reply) => {
    const ready = readiness() && !app.gateway.draining;
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(ready ? 'ready' : 'not ready');
  });
}
