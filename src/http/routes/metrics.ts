/** `GET /metrics`: what Prometheus scrapes. */
import type { FastifyInstance } from 'fastify';
import { CONTENT_TYPE } from '../../metrics/exposition.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import { ref } from '../envelope-schemas.ts';

const schema = {
  operationId: 'metrics',
  summary: 'What Prometheus scrapes',
  tags: ['operations'],
  response: {
    200: {
      description: 'Metrics in the text format of Prometheus.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    },
    default: ref('Refusal'),
  },
} as const;

export function metricsRoutes(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', { schema, config: { scope: 'view' } }, async (_request, reply) =>
    reply.type(CONTENT_TYPE).send(await metrics.render()),
  );
}
