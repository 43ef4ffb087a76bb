/** Bodies as they came, for routes that read them themselves. */
import type { FastifyInstance } from 'fastify';

/** Within this instance every body, of any content type, arrives as the untouched Buffer; bounded by `bodyLimit`. */
export function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
