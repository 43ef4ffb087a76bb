/** `GET /.well-known/oauth-protected-resource…`: where clients get tokens for this gateway (RFC 9728). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OAuth } from '../auth/oauth.ts';
import { ENDPOINTS, METADATA_PATH } from '../auth/resources.ts';
import { readServiceId } from '../ids.ts';

/**
 * Metadata of the whole gateway, and of each service's endpoints. It is the same whether or not there is such a service:
 * whoever asks has no token yet. Not in the envelope, because its form is the RFC's.
 */
export function protectedResourceRoutes(
  app: FastifyInstance,
  oauth: OAuth,
  originOf: (request: FastifyRequest) => string,
): void {
  const options = { config: { scope: 'open' } } as const;
  const metadata = (request: FastifyRequest, path: string) => ({
    resource: `${originOf(request)}${path}`,
    resource_name: 'Evergate',
    authorization_servers: [oauth.issuer],
    scopes_supported: oauth.scopeNames,
    bearer_methods_supported: ['header'],
  });
  app.get(METADATA_PATH, options, (request, reply) => reply.send(metadata(request, '')));
  for (const endpoint of ENDPOINTS) {
    app.get<{ Params: { id: string } }>(`${METADATA_PATH}${endpoint}`, options, (request, reply) => {
      readServiceId(request.params.id);
      const path = request.url.split('?', 1)[0]?.slice(METADATA_PATH.length);
      return reply.send(metadata(request, path ?? ''));
    });
  }
}
