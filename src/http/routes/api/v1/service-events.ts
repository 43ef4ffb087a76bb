/** `GET /api/v1/services/{id}/events`: what happened to one service, in pages or live. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HistoryPage } from '../../../../actors/history.ts';
import { noSuchService, Refusal } from '../../../../actors/refusal.ts';
import { success } from '../../../envelope.ts';
import { answer, pageOf, ref } from '../../../envelope-schemas.ts';
import { readServiceId } from '../../../ids.ts';
import { languageOf } from '../../../locales/translate.ts';
import { negotiateForm } from './forms.ts';
import { readingLog } from './log-faults.ts';
import { MAX_SEQ, streamStart } from './places.ts';
import type { ApiPorts } from './ports.ts';
import { eventsQuery } from './schemas/record.ts';
import { idParams } from './schemas/service.ts';
import { EVENT_STREAM, pageOrStream } from './schemas/stream.ts';
import type { RecordStreams } from './streams/record-streams.ts';
import { recordView } from './views/record-view.ts';

const DEFAULT_PAGE = 100;

const schema = {
  operationId: 'getServiceEvents',
  summary: 'What happened to one service, in pages or live',
  description:
    'Pages go forwards with `after`, from the oldest record on where neither is given, or backwards with `before`; `nextCursor` is the value of the same parameter for the next page.',
  tags: ['events'],
  params: idParams,
  querystring: eventsQuery,
  response: { 200: pageOrStream(answer('One page.', pageOf(ref('Record')))), default: ref('Refusal') },
} as const;

interface PageQuery {
  readonly after?: number;
  readonly before?: number;
  readonly limit?: number;
}

export function serviceEventsRoutes(app: FastifyInstance, ports: ApiPorts, streams: RecordStreams): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  const options = { schema, config: { scope: 'view' } } as const;
  typed.get('/api/v1/services/:id/events', options, async (request, reply) => {
    const id = readServiceId(request.params.id);
    const form = negotiateForm(request, reply, ['application/json', EVENT_STREAM]);
    if (form === null) return reply;
    if (form === 'application/json')
      return success(request, await pageData(ports, request, id, request.query));
    if (ports.inspector.service(id) === undefined) throw noSuchService(id);
    const after = streamStart(request, request.query.after);
    streams.open(request, reply, { after, among: new Set([id]), vitals: false });
    return reply;
  });
}

async function pageData({ history }: ApiPorts, request: FastifyRequest, id: string, query: PageQuery) {
  const { after, before, limit = DEFAULT_PAGE } = query;
  if (after !== undefined && before !== undefined)
    throw new Refusal('0011', 'after and before exclude each other; give one of them');
  const backwards = before !== undefined;
  const page = await readingLog(() =>
    backwards ? history.before(id, before, limit) : history.after(id, after ?? 0, limit),
  );
  if (page === undefined) throw noSuchService(id);
  const language = languageOf(request);
  return {
    items: page.records.map(record => recordView(record, language)),
    nextCursor: page.more ? String(nextPlace(page, backwards)) : null,
  };
}

function nextPlace({ records }: HistoryPage, backwards: boolean): number {
  return (backwards ? records[0] : records.at(-1))?.seq ?? MAX_SEQ;
}
