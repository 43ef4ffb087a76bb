/** `GET /api/v1/services/{id}/state?at=`: what a service was at any moment of its past. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { noSuchService, Refusal } from '../../../../actors/refusal.ts';
import type { LogRecord } from '../../../../store/event-log.ts';
import { success } from '../../../envelope.ts';
import { answer, ref } from '../../../envelope-schemas.ts';
import { readServiceId } from '../../../ids.ts';
import { readingLog } from './log-faults.ts';
import { readSeq } from './places.ts';
import type { ApiPorts } from './ports.ts';
import { stateQuery } from './schemas/record.ts';
import { idParams } from './schemas/service.ts';
import { stateView } from './views/record-view.ts';

const schema = {
  operationId: 'getPastState',
  summary: 'What a service was at a moment of its past',
  tags: ['events'],
  params: idParams,
  querystring: stateQuery,
  response: {
    200: answer('Its state after the last record until then.', ref('PastState')),
    default: ref('Refusal'),
  },
} as const;

export function serviceStateRoutes(app: FastifyInstance, { history }: ApiPorts): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  const options = { schema, config: { scope: 'view' } } as const;
  typed.get('/api/v1/services/:id/state', options, async request => {
    const id = readServiceId(request.params.id);
    const { at } = request.query;
    const isPast = readMoment(at);
    const moment = await readingLog(() => history.at(id, isPast));
    if (moment === undefined) throw noSuchService(id);
    if (moment.found === 'not yet')
      throw new Refusal('0001', `service ${JSON.stringify(id)} was registered after ${at}`);
    if (moment.found === 'pruned') {
      const { keptFrom } = moment;
      throw new Refusal('0011', `at is too long ago: its history is kept from seq ${keptFrom} on`);
    }
    return success(request, stateView(moment.record));
  });
}

/** RFC 3339 with its offset. */
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Whether a record is of the moment or before it. @throws {Refusal} 0011 neither a place nor a time */
function readMoment(at: string): (record: LogRecord) => boolean {
  const seq = readSeq(at);
  if (seq !== null) return record => record.seq <= seq;
  const time = TIME.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time))
    throw new Refusal('0011', 'at is neither a seq nor an RFC 3339 time, such as 2026-01-02T03:04:05Z');
  return record => record.at <= time;
}
