/** `GET /mcp/check/status/{mcp_id}`: look at a service without touching it. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../../actors/services.ts';
import { success } from '../../envelope.ts';
import { readServiceId } from '../../ids.ts';
import { statusView, unknownStatusView } from '../../status-view.ts';
import { answers } from './answers.ts';

const schema = {
  operationId: 'checkStatus',
  summary: 'Look at a service without touching it',
  description: 'An id that nobody registered is answered, too: `status` is `Error`, `state` null.',
  tags: ['pollers'],
  response: answers.status,
} as const;

/** An unknown id is answered too: code 0000, `ready: false`, `status: "Error"` (contract §2). */
export function statusRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: { id: string } }>(
    '/mcp/check/status/:id',
    { schema, config: { scope: 'view' } },
    (request, reply) => {
      const status = services.status(readServiceId(request.params.id));
      return reply.send(success(request, status ? statusView(request, status) : unknownStatusView(request)));
    },
  );
}
