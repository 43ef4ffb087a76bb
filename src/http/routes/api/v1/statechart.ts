/** `GET /api/v1/statechart`: the life of a service as data, as Mermaid text or as a picture. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { serviceMachine } from '../../../../actors/machine/index.ts';
import { chartOf } from '../../../../drawing/chart.ts';
import { toMachineJson } from '../../../../drawing/machine-json.ts';
import { toMermaid } from '../../../../drawing/mermaid.ts';
import { graphOf } from '../../../../drawing/nodes.ts';
import { pictureOf } from '../../../../drawing/picture.ts';
import { success } from '../../../envelope.ts';
import { ref } from '../../../envelope-schemas.ts';
import { negotiateForm } from './forms.ts';
import { statechartAnswer, statechartQuery } from './schemas/statechart.ts';

const FORMS = ['application/json', 'text/vnd.mermaid', 'image/svg+xml'] as const;

/** A picture opened by itself runs nothing and loads nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

const schema = {
  operationId: 'getStatechart',
  summary: 'The statechart of one type of service',
  tags: ['statechart'],
  querystring: statechartQuery,
  response: { 200: statechartAnswer, default: ref('Refusal') },
} as const;

export function statechartRoutes(app: FastifyInstance): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  typed.get(
    '/api/v1/statechart',
    { schema, config: { scope: 'view', confined: true } },
    async (request, reply) => {
      const { type = 'Persistent' } = request.query;
      const form = negotiateForm(request, reply, FORMS);
      if (form === null) return reply;
      if (form === 'image/svg+xml') {
        reply.header('content-security-policy', PICTURE_POLICY).type('image/svg+xml; charset=utf-8');
        return pictureOf(type);
      }
      const chart = chartOf(serviceMachine);
      if (form === 'text/vnd.mermaid')
        return reply.type('text/vnd.mermaid; charset=utf-8').send(toMermaid(chart, { type }));
      const data = { type, machine: toMachineJson(serviceMachine), ...graphOf(chart, type) };
      return success(request, data);
    },
  );
}
