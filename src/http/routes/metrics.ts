/** `GET /metrics`: what Prometheus scrapes. */
import type { FastifyInstance } from 'fastify';
import { CONTENT_TYPE } from '../../metrics/exposition.ts';
import type { Metrics } from '../../metrics/metrics.ts';

export function metricsRoutes(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', { config: { scope: 'view' } }, async (_request, reply) =>
    reply.type(CONTENT_TYPE).send(await metrics.render()),
  );
}
