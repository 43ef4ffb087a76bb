/** Refuses with 0009 and `Retry-After` what would be too much: requests of principals that ask too often, bodies without memory. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { ANYBODY } from '../auth/principal.ts';
import { SMALL_BODY_BYTES } from '../overload/body-budget.ts';
import { RateLimit } from '../overload/rate-limit.ts';
import { sendRefusal } from '../refuse.ts';
import type { HttpSettings } from '../settings.ts';

/** When there may be memory again, in ms; only a hint. */
const RETRY_MS = 1000;

/** To be added behind the authentication: it is by principal, and by address where nobody has to say who they are. */
export function addRateLimit(app: FastifyInstance, settings: HttpSettings): void {
  const { rateLimitPerSecond } = settings;
  if (rateLimitPerSecond === 0) return;
  const limit = new RateLimit(settings);
  app.addHook('onRequest', (request, reply, done) => {
    const { principal } = request;
    if (principal === null || request.routeOptions.config.scope === 'open') return done();
    const who = principal === ANYBODY ? `address ${request.ip}` : principal.id;
    const waitMs = limit.take(who, app.gateway.now());
    if (waitMs === 0) return done();
    app.gateway.meters.shed.rate_limit++;
    const reason = `more than ${rateLimitPerSecond} requests a second (rateLimitPerSecond)`;
    sendRefusal(request, reply, new Refusal('0009', reason, waitMs));
  });
}

/** To be added behind the authentication, too: the bodies of others are not read. */
export function addBodyBudget(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const length = request.raw.headers['content-length'];
    if (length === undefined) return done();
    const refusal = takeMemory(request, Number(length));
    if (refusal === null) done();
    else sendRefusal(request, reply, refusal);
  });
}

/** The same for a body that did not say how long it would be, now that it is here. @returns the refusal; null: it may stay */
export function takeMemoryOf(request: FastifyRequest, body: Buffer): Refusal | null {
  if (request.raw.headers['content-length'] !== undefined) return null;
  return takeMemory(request, body.length);
}

/** Takes memory for a body until its request is answered. */
function takeMemory({ server, response }: FastifyRequest, bytes: number): Refusal | null {
  if (!(bytes > SMALL_BODY_BYTES)) return null;
  const { bodies, meters } = server.gateway;
  if (!bodies.take(bytes)) {
    meters.shed.bodies++;
    return new Refusal('0009', `bodies of requests take ${bodies.bytes} bytes (maxTotalBodyBytes)`, RETRY_MS);
  }
  response?.once('close', () => bodies.giveBack(bytes));
  return null;
}
