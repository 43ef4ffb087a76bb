/** The API of version 1 (contract §7): one file per resource. */
import type { FastifyPluginCallback } from 'fastify';
import { statechartRoutes } from './statechart.ts';

export const apiRoutes: FastifyPluginCallback = (app, _options, done) => {
  statechartRoutes(app);
  done();
};
