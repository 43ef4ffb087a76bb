/** `GET /api/v1/services`: all services, by filter and in pages. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../../../actors/refusal.ts';
import { isState } from '../../../../actors/service-list.ts';
import { principalOf } from '../../../auth/principal.ts';
import { success } from '../../../envelope.ts';
import { answer, pageOf, ref } from '../../../envelope-schemas.ts';
import { languageOf } from '../../../locales/translate.ts';
import type { ApiPorts } from './ports.ts';
import { servicesQuery, unreadable } from './schemas/service.ts';
import { serviceView } from './views/service-view.ts';

const DEFAULT_PAGE = 50;

const schema = {
  operationId: 'listServices',
  summary: 'Services, in the order of their ids',
  description:
    'A page costs a bounded amount of reading, so that with a filter it can have fewer services than `limit`, even none: go on as long as `nextCursor` is not null.',
  tags: ['services'],
  querystring: servicesQuery,
  response: {
    200: answer('One page.', pageOf(ref('Service'), { unreadable })),
    default: ref('Refusal'),
  },
} as const;

export function servicesRoutes(app: FastifyInstance, { inspector, clock }: ApiPorts): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  const config = { scope: 'view', confined: true } as const;
  typed.get('/api/v1/services', { schema, config }, (request, reply) => {
    const { state = null, type = null, q = null, limit = DEFAULT_PAGE, cursor } = request.query;
    if (state !== null && !isState(state))
      throw new Refusal(
        '0011',
        `state ${JSON.stringify(state)} is no state of the statechart, such as Ready`,
      );
    const among = principalOf(request).services;
    const after = cursor === undefined ? null : idOfCursor(cursor);
    const page = inspector.list({ state, type, text: q, among, after, limit });
    const language = languageOf(request);
    const now = clock.now();
    const data = {
      items: page.items.map(summary => serviceView(summary, language, now)),
      nextCursor: page.next === null ? null : cursorOf(page.next),
      unreadable: page.unreadable,
    };
    return reply.send(success(request, data));
  });
}

/** Opaque to clients: what a page goes on from may change. */
const cursorOf = (id: string) => Buffer.from(id).toString('base64url');

/** @throws {Refusal} 0011 it is none of ours */
function idOfCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (id !== '' && cursorOf(id) === cursor) return id;
  throw new Refusal('0011', 'cursor is not the nextCursor of a page');
}
