/** `GET /mcp/check/status/{mcp_id}`: look at a service without touching it. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../../actors/services.ts';
import { success } from '../../envelope.ts';
import { readServiceId } from '../../ids.ts';
import { statusView, unknownStatusView } from '../../status-view.ts';

/** An unknown id is answered too: code 0000, `ready: false`, `status: "Error"` (contract §2). */
export function statusRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: { id: string } }>(
    '/mcp/check/status/:id',
    { config: { scope: 'view' } },
    (request, reply) => {
      const status = services.status(readServiceId(request.params.id));
      return reply.send(success(request, status ? statusView(request, status) : unknownStatusView(request)));
    },
  );
}
