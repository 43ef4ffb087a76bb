/** The API of version 1 (contract §7): one file per resource. */
import type { FastifyInstance } from 'fastify';
import type { ApiPorts } from './ports.ts';
import { serviceRoutes } from './service.ts';
import { servicesRoutes } from './services.ts';
import { statechartRoutes } from './statechart.ts';

/** @param ports null: there are no services to look at; what does not need them is there all the same */
export function apiRoutes(app: FastifyInstance, ports: ApiPorts | null): void {
  statechartRoutes(app);
  if (ports === null) return;
  servicesRoutes(app, ports);
  serviceRoutes(app, ports);
}
