/** `DELETE /mcp/config/delete/{mcp_id}`: stop and forget a service. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../../actors/services.ts';
import { localised, success } from '../../envelope.ts';
import { readServiceId } from '../../ids.ts';
import { acceptRawBodies } from '../../plugins/raw-bodies.ts';
import { answers } from './answers.ts';

/** Longest body in bytes; none is read, but some clients send one. */
const MAX_IGNORED_BYTES = 64 * 1024;

const schema = {
  operationId: 'deleteConfig',
  summary: 'Stop and forget a service',
  description: 'Answers when its last process is gone. Idempotent.',
  tags: ['pollers'],
  response: answers.removed,
} as const;

/** Answers when the service's last process is gone. Idempotent. */
export function deleteRoutes(app: FastifyInstance, services: Services): void {
  acceptRawBodies(app);
  app.delete<{ Params: { id: string } }>(
    '/mcp/config/delete/:id',
    { schema, config: { scope: 'manage' }, bodyLimit: MAX_IGNORED_BYTES },
    async request => {
      const id = readServiceId(request.params.id);
      const existed = await services.remove(id);
      return success(request, {
        mcp_id: id,
        message: localised(request, existed ? 'removed' : 'nothingToRemove'),
      });
    },
  );
}
