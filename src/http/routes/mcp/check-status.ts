/** `POST /mcp/sse/check_status`, `POST /mcp/stream/check_status`: ask for a service, starting it if need be. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../../actors/services.ts';
import { requireService } from '../../auth/principal.ts';
import { success } from '../../envelope.ts';
import { readServiceId } from '../../ids.ts';
import { checkStatusBody } from '../../schemas.ts';
import { readConfig, readServiceType } from '../../start-order.ts';
import { statusView } from '../../status-view.ts';
import { answers } from './answers.ts';

const schema = {
  summary: 'Register a service if it is new, and start it if it is not running',
  description: 'Never waits for the start: ask again until it is `Ready`. Names may be snake_case, too.',
  tags: ['pollers'],
  body: checkStatusBody,
  response: answers.status,
} as const;

/**
 * Registers the service if it is new, starts it if it is not running, and never waits for the start. The earlier
 * system's `backendProtocol` is taken but not needed: a backend whose config names no transport is detected.
 */
export function checkStatusRoutes(app: FastifyInstance, services: Services): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  for (const front of ['sse', 'stream']) {
    typed.post(
      `/mcp/${front}/check_status`,
      {
        schema: { ...schema, operationId: `checkStatusBy${front === 'sse' ? 'Sse' : 'Stream'}` },
        config: { scope: 'manage', confined: true },
      },
      async request => {
        const { body } = request;
        const { maxConfigBytes } = app.gateway;
        const id = readServiceId(body.mcpId ?? body.mcp_id ?? '');
        requireService(request, id);
        const status = await services.ensure(id, {
          config: readConfig(body.mcpJsonConfig ?? body.mcp_json_config, 'mcpJsonConfig', maxConfigBytes),
          type: readServiceType(body.mcpType ?? body.mcp_type, 'mcpType'),
        });
        return success(request, statusView(request, status));
      },
    );
  }
}
