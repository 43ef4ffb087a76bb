/**
 * Lets pages of named origins call from a browser (CORS, Fetch Standard §3.2). Without the setting `corsOrigins` nothing here
 * is installed, no answer has a header of it, and a browser refuses pages of any other origin.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** What such a page may read besides what it always may. */
const EXPOSED = 'mcp-session-id, x-request-id, x-server-time, retry-after, www-authenticate';
const METHODS = 'GET, POST, PUT, DELETE';
/** How long a browser may remember a preflight's answer, in seconds. */
const MAX_AGE_S = '600';

/**
 * To be added before whatever refuses a page that may call: a preflight has no token, and the page may read the refusal.
 * @param origins such as `https://app.example.com`
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
    if (isPreflight(request)) answerPreflight(request, reply);
    else done();
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

/** The origin may send any header: it may call, and what it says is checked like anybody's. */
function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
  const wanted = headers['access-control-request-headers'];
  if (wanted !== undefined) reply.header('access-control-allow-headers', wanted);
  reply
    .header('access-control-allow-methods', METHODS)
    .header('access-control-max-age', MAX_AGE_S)
    .code(204)
    .send();
}
