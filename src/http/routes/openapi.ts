/** `GET /openapi.json` and `GET /docs`: the API described, for programs and for people. Written by `npm run docs`. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { packageFile } from '../../package-files.ts';

const FOLDER = packageFile('docs/api/');

/** The same for every gateway of this version, with nothing of this one in it: no token is needed. */
export function openApiRoutes(app: FastifyInstance): void {
  const options = { config: { scope: 'open' }, exposeHeadRoute: true } as const;
  app.get('/openapi.json', options, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(await read('openapi.json')),
  );
  app.get('/docs', options, async (_request, reply) => {
    const page = await read('index.html');
    return reply
      .headers({ 'content-security-policy': policyOf(page), 'x-content-type-options': 'nosniff' })
      .type('text/html; charset=utf-8')
      .send(page);
  });
}

/** @throws {Error} the package is incomplete */
const read = (file: string) => readFile(new URL(file, FOLDER), 'utf8');

/** Nothing runs, nothing is loaded; the one style sheet is the one the page was written with. */
function policyOf(page: string): string {
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
