/** What a client expects beyond `100-continue` (RFC 9110 §10.1.1), which is all that HTTP knows and all that Node answers. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { variants } from '../errors.ts';
import { sendRefusal } from '../refuse.ts';

const REASON = 'the header Expect may say 100-continue and nothing else';

/** Refuses such a request with 417, as Node would by itself, without the envelope. */
export function addExpectations(app: FastifyInstance): void {
  const unmet = new WeakSet<IncomingMessage>();
  app.server.on('checkExpectation', (request: IncomingMessage, response) => {
    unmet.add(request);
    app.server.emit('request', request, response);
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.raw.headers.expect === undefined || !unmet.has(request.raw)) return done();
    sendRefusal(request, reply, new Refusal('0011', REASON), variants.unmetExpectation);
  });
}
