/** `POST /mcp/sse/add`, `POST /mcp/stream/add`: register a service under a fresh id and wait for its start. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ServiceStatus, Services } from '../../../actors/services.ts';
import { success } from '../../envelope.ts';
import { hangUpSignal } from '../../hang-up.ts';
import { addBody } from '../../schemas.ts';
import { readConfig, readServiceType } from '../../start-order.ts';
import { answers } from './answers.ts';

const schema = {
  summary: 'Register a service under a fresh id, and wait for its start',
  description: 'When the start fails (0005) nothing stays registered. Names may be camelCase, too.',
  tags: ['pollers'],
  body: addBody,
  response: answers.added,
} as const;

/** The answer names where the new service is reached through the front that was asked; a failed start is 0005. */
export function addRoutes(app: FastifyInstance, services: Services): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  for (const [front, view] of [
    ['sse', sseView],
    ['stream', streamView],
  ] as const) {
    typed.post(
      `/mcp/${front}/add`,
      {
        schema: { ...schema, operationId: `addBy${front === 'sse' ? 'Sse' : 'Stream'}` },
        config: { scope: 'manage' },
      },
      async request => {
        const { body } = request;
        const { maxConfigBytes } = app.gateway;
        const order = {
          config: readConfig(body.mcp_json_config ?? body.mcpJsonConfig, 'mcp_json_config', maxConfigBytes),
          type: readServiceType(body.mcp_type ?? body.mcpType, 'mcp_type'),
        };
        return success(request, view(await services.add(order, hangUpSignal(request))));
      },
    );
  }
}

function sseView({ id, type }: ServiceStatus) {
  const base = `/mcp/sse/proxy/${encodeURIComponent(id)}`;
  return { mcp_id: id, sse_path: `${base}/sse`, message_path: `${base}/message`, mcp_type: type };
}

function streamView({ id, type }: ServiceStatus) {
  return { mcp_id: id, stream_path: `/mcp/stream/proxy/${encodeURIComponent(id)}`, mcp_type: type };
}
