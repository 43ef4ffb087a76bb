/** The API of version 1 (contract §7): one file per resource. */
import type { FastifyInstance } from 'fastify';
import { eventsRoutes } from './events.ts';
import type { ApiPorts } from './ports.ts';
import { serviceRoutes } from './service.ts';
import { serviceEventsRoutes } from './service-events.ts';
import { serviceStateRoutes } from './service-state.ts';
import { servicesRoutes } from './services.ts';
import { statechartRoutes } from './statechart.ts';
import { RecordStreams } from './streams/record-streams.ts';

/** @param ports null: there are no services to look at; what does not need them is there all the same */
export function apiRoutes(app: FastifyInstance, ports: ApiPorts | null): void {
  statechartRoutes(app);
  if (ports === null) return;
  servicesRoutes(app, ports);
  serviceRoutes(app, ports);
  serviceStateRoutes(app, ports);
  const streams = new RecordStreams(ports);
  serviceEventsRoutes(app, ports, streams);
  eventsRoutes(app, streams);
  app.addHook('preClose', async () => streams.end());
}
