/** The OpenAPI document, from the schemas that check requests and the routes that carry them. */
import swagger from '@fastify/swagger';
import { type FastifySchema, fastify, type RouteOptions } from 'fastify';
import type { Services } from '../../src/actors/services.ts';
import { systemClock } from '../../src/backends/clock.ts';
import { buildApp } from '../../src/http/app.ts';
import { dataRoutes } from '../../src/http/fronts/descriptions.ts';
import { defaultFrontSettings } from '../../src/http/fronts/settings.ts';
import type { ApiPorts } from '../../src/http/routes/api/v1/ports.ts';
import { namedSchemas } from '../../src/http/routes/api/v1/schemas/index.ts';
import { VERSION } from '../../src/settings/version.ts';

export interface DescribedRoute {
  readonly method: string;
  readonly url: string;
  readonly schema: FastifySchema & { readonly summary?: string };
  readonly scope: string;
}

const TAGS = [
  {
    name: 'services',
    description: 'Services: listed, looked at, registered, started, stopped, restarted, removed.',
  },
  { name: 'events', description: 'What happened, what happens, and what was.' },
  { name: 'statechart', description: 'The life of a service.' },
  { name: 'pollers', description: 'The routes of the earlier gateway.' },
  { name: 'mcp', description: 'The data routes: MCP itself.' },
  { name: 'operations', description: 'For whoever runs the gateway.' },
];

/** Every route of the gateway. Those that say nothing of themselves (the page, its files) have no summary. */
export async function allRoutes(): Promise<readonly DescribedRoute[]> {
  const routes: DescribedRoute[] = [];
  const onRoute = ({ method, url, schema = {}, config }: RouteOptions) => {
    const known = dataRoutes.find(each => each.method === method && each.url === url);
    if (method !== 'HEAD')
      routes.push({
        method: String(method),
        url,
        schema: known?.schema ?? schema,
        scope: config?.scope ?? (known === undefined ? 'manage' : 'call'),
      });
  };
  // No handler is ever called, so that what handlers ask need not be there.
  const ports = { streams: defaultFrontSettings, clock: systemClock } as unknown as ApiPorts;
  const app = buildApp({
    services: {} as Services,
    readiness: () => false,
    api: ports,
    metrics: () => ({ render: async () => '' }),
    onRoute,
  });
  await app.ready();
  await app.close();
  return routes;
}

/** The document, in the form of OpenAPI 3.1; the same code gives the same text. */
export async function openApiDocument(): Promise<string> {
  const app = fastify();
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Evergate',
        version: VERSION,
        description:
          'A durable gateway that keeps MCP servers alive behind HTTP. Answers are an envelope; messages come in English, 简体中文 and 繁體中文 by `Accept-Language`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: TAGS,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    refResolver: { buildLocalReference: json => String(json.$id) },
  });
  for (const schema of namedSchemas) app.addSchema(schema);
  for (const { method, url, schema, scope } of await allRoutes()) {
    if (schema.summary === undefined) continue;
    const security = scope === 'open' ? [] : [{ token: [scope] }];
    app.route({ method, url, schema: { ...schema, security } as FastifySchema, handler: () => null });
  }
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
