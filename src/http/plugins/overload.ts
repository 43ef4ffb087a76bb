/** Refuses with 0009 and `Retry-After` what would be too much: requests of principals that ask too often, bodies without memory. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { ANYBODY } from '../auth/principal.ts';
import { addressOf } from '../client-address.ts';
import { SMALL_BODY_BYTES } from '../overload/body-budget.ts';
import { CountedBody } from '../overload/counted-body.ts';
import { RateLimit } from '../overload/rate-limit.ts';
import { sendRefusal } from '../refuse.ts';
import type { HttpSettings } from '../settings.ts';

/** When there may be memory again, in ms; only a hint. */
const RETRY_MS = 1000;
/** Those whose bodies are read; Fastify leaves all others alone. */
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

/** To be added behind the authentication: it is by principal, and by address where nobody has to say who they are. */
export function addRateLimit(app: FastifyInstance, settings: HttpSettings): void {
  const { rateLimitPerSecond } = settings;
  if (rateLimitPerSecond === 0) return;
  const limit = new RateLimit(settings);
  app.addHook('onRequest', (request, reply, done) => {
    const { principal } = request;
    if (principal === null || request.routeOptions.config.scope === 'open') return done();
    const who = principal === ANYBODY ? `address ${addressOf(request)}` : principal.id;
    const waitMs = limit.take(who, app.gateway.now());
    if (waitMs === 0) return done();
    app.gateway.meters.shed.rate_limit++;
    const reason = `more than ${rateLimitPerSecond} requests a second (rateLimitPerSecond)`;
    sendRefusal(request, reply, new Refusal('0009', reason, waitMs));
  });
}

/**
 * To be added behind the authentication, too: the bodies of others are not read. A body that cannot fit is refused before it is
 * read, by what its client says of its length; memory is taken for what really comes, until the request is answered.
 */
export function addBodyBudget(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { bodies, maxBodyBytes } = app.gateway;
    const declared = declaredLength(request);
    // What is longer than any body may be is refused for that.
    if (declared <= SMALL_BODY_BYTES || declared > maxBodyBytes || bodies.hasRoom(declared)) done();
    else sendRefusal(request, reply, noRoom(request));
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (declaredLength(request) <= SMALL_BODY_BYTES) return done(null, payload);
    const counted = new CountedBody(app.gateway.bodies, () => noRoom(request));
    reply.raw.once('close', () => {
      counted.giveBack();
      // What was answered without being read is in the way of the connection's next request; Node lets go what nobody has
      // touched, and this has been.
      payload.unpipe(counted);
      payload.resume();
    });
    payload.once('error', error => counted.destroy(error));
    done(null, payload.pipe(counted));
  });
}

/** 0: none comes; infinite: the client does not say. */
function declaredLength({ raw: { method = '', headers } }: FastifyRequest): number {
  if (!BODY_METHODS.has(method)) return 0;
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : Number.POSITIVE_INFINITY;
}

function noRoom({ server }: FastifyRequest): Refusal {
  const { bodies, meters } = server.gateway;
  meters.shed.bodies++;
  return new Refusal('0009', `bodies of requests take ${bodies.bytes} bytes (maxTotalBodyBytes)`, RETRY_MS);
}
