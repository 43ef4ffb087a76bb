/** `/api/v1/services/{id}`: one service, looked at, registered, started, stopped, restarted, removed. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServiceSummary } from '../../../../actors/inspector.ts';
import type { Operator } from '../../../../actors/operator.ts';
import { noSuchService } from '../../../../actors/refusal.ts';
import { success } from '../../../envelope.ts';
import { answer, ref } from '../../../envelope-schemas.ts';
import { readServiceId } from '../../../ids.ts';
import { languageOf } from '../../../locales/translate.ts';
import { acceptRawBodies } from '../../../plugins/raw-bodies.ts';
import { readConfig, readServiceType } from '../../../start-order.ts';
import type { ApiPorts } from './ports.ts';
import { idParams, registration, removal } from './schemas/service.ts';
import { serviceView } from './views/service-view.ts';
import { timeView } from './views/time.ts';

const URL = '/api/v1/services/:id';

/** Longest body in bytes where none is read, but some clients send one. */
const MAX_IGNORED_BYTES = 64 * 1024;

const about = { tags: ['services'], params: idParams } as const;
const theService = { 200: answer('The service.', ref('Service')), default: ref('Refusal') } as const;

const getSchema = {
  ...about,
  operationId: 'getService',
  summary: 'One service',
  response: {
    200: answer('The service, with its lanes, tools and stderr.', ref('ServiceDetail')),
    default: ref('Refusal'),
  },
} as const;

const putSchema = {
  ...about,
  operationId: 'putService',
  summary: 'Register a service, or replace its config and type',
  description:
    'Starts nothing. What is registered already goes on as it is: config and type take effect at its next start.',
  body: registration,
  response: theService,
} as const;

const deleteSchema = {
  ...about,
  operationId: 'deleteService',
  summary: 'Stop and forget a service',
  description: 'Answers when its last process is gone. Idempotent.',
  response: { 200: answer('It is gone.', removal), default: ref('Refusal') },
} as const;

/** What each action does, and how it is described. */
const ACTIONS: Readonly<
  Record<string, { summary: string; act: (operator: Operator, id: string) => unknown }>
> = {
  start: {
    summary: 'Start a service that is not running',
    act: (operator, id) => operator.start(id, null, 'api'),
  },
  stop: {
    summary: 'Stop a service; it stays registered',
    act: (operator, id) => operator.request(id, 'stop requested'),
  },
  restart: {
    summary: 'Restart a service, without a cooldown',
    act: (operator, id) => operator.request(id, 'restart requested'),
  },
};

export function serviceRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const { inspector, operator, services, vitals } = ports;
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();

  typed.get(URL, { schema: getSchema, config: { scope: 'view' } }, async request => {
    const summary = existing(ports, request.params.id);
    const { id } = summary;
    const measured = await vitals.of(id);
    const tools = services.tools(id)?.tools;
    const data = {
      ...view(ports, request, summary),
      lanes: inspector.lanes(id),
      tools: tools?.map(({ name, description }) => ({ name, description })) ?? null,
      stderr: inspector.stderr(id),
      vitals: measured && { at: timeView(measured.at), ...measured.own },
    };
    return success(request, data);
  });

  typed.put(URL, { schema: putSchema, config: { scope: 'manage' } }, async request => {
    const id = readServiceId(request.params.id);
    const { type, config } = request.body;
    const order = {
      config: readConfig(config, 'config', app.gateway.maxConfigBytes),
      type: readServiceType(type, 'type'),
    };
    await operator.declare(id, order, false);
    return success(request, view(ports, request, existing(ports, id)));
  });

  app.register((scope, _options, done) => {
    bodilessRoutes(scope, ports);
    done();
  });
}

function bodilessRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const { operator } = ports;
  acceptRawBodies(app);
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  const shared = { config: { scope: 'manage' }, bodyLimit: MAX_IGNORED_BYTES } as const;

  typed.delete(URL, { ...shared, schema: deleteSchema }, async request => {
    const id = readServiceId(request.params.id);
    return success(request, { id, removed: await operator.remove(id) });
  });

  for (const [action, { summary, act }] of Object.entries(ACTIONS)) {
    const operationId = `${action}Service`;
    const schema = { ...about, operationId, summary, response: theService } as const;
    typed.post(`${URL}/${action}`, { ...shared, schema }, async request => {
      const id = readServiceId(request.params.id);
      await act(operator, id);
      return success(request, view(ports, request, existing(ports, id)));
    });
  }
}

/** @throws {Refusal} 0001 no such service; 0011 no such id */
function existing({ inspector }: ApiPorts, raw: string): ServiceSummary {
  const id = readServiceId(raw);
  const summary = inspector.service(id);
  if (summary === undefined) throw noSuchService(id);
  return summary;
}

function view({ clock }: ApiPorts, request: FastifyRequest, summary: ServiceSummary) {
  return serviceView(summary, languageOf(request), clock.now());
}
