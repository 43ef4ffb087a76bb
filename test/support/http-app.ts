/** An app with fake services and a data route that shows what the fronts get to see. */
import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';
import { onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import { FakeServices } from './fake-services.ts';

export interface TestApp {
  readonly app: FastifyInstance;
  readonly services: FakeServices;
}

/** Builds the app and closes it when the test is over. */
export function testApp(options: Partial<AppOptions> & { services?: FakeServices } = {}): TestApp {
  const services = options.services ?? new FakeServices();
  const app = buildApp({ readiness: () => true, fronts: noFronts, ...options, services });
  onTestFinished(() => app.close());
  return { app, services };
}

const noFronts: FastifyPluginCallback = (_app, _options, done) => done();

/** A front of one route, `POST /mcp/stream/proxy/:id`, that does what a test says. */
export function dataRoute(
  handle: (request: FastifyRequest<{ Params: { id: string } }>) => unknown,
): FastifyPluginCallback {
  return (app, _options, done) => {
    app.post<{ Params: { id: string } }>('/mcp/stream/proxy/:id', async request => handle(request));
    done();
  };
}

export const stdioConfig = { mcpServers: { files: { command: 'node', args: ['server.js'] } } };
