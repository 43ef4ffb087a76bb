/** `GET /api/v1/events`: what happens to all services, live. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../../../auth/principal.ts';
import { ref } from '../../../envelope-schemas.ts';
import { negotiateForm } from './forms.ts';
import { streamStart } from './places.ts';
import { streamQuery } from './schemas/record.ts';
import { EVENT_STREAM, streamAnswer } from './schemas/stream.ts';
import type { RecordStreams } from './streams/record-streams.ts';

const schema = {
  operationId: 'followEvents',
  summary: 'What happens to all services, live',
  tags: ['events'],
  querystring: streamQuery,
  response: { 200: streamAnswer, default: ref('Refusal') },
} as const;

export function eventsRoutes(app: FastifyInstance, streams: RecordStreams): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  const config = { scope: 'view', confined: true } as const;
  typed.get('/api/v1/events', { schema, config }, (request, reply) => {
    if (negotiateForm(request, reply, [EVENT_STREAM]) === null) return;
    const among = principalOf(request).services;
    const after = streamStart(request, request.query.after);
    const { vitals } = request.query;
    streams.open(request, reply, { after, among, vitals: vitals === 1 });
  });
}
