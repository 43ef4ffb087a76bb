/** `GET /ui`: the page. It is an empty shell that anybody may load; what it shows it asks of the API, with a token. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { packageFile } from '../../package-files.ts';

/** Written by `npm run build` and `npm run page`. */
const FOLDER = packageFile('dist/page/');

/** Path, file, media type: everything the page consists of. */
const FILES = [
  ['/ui', 'index.html', 'text/html; charset=utf-8'],
  ['/ui/main.js', 'main.js', 'text/javascript; charset=utf-8'],
  ['/ui/main.css', 'main.css', 'text/css; charset=utf-8'],
  ['/ui/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

/**
 * Nothing from elsewhere, nothing inline, no frame around it. Text becomes elements only under the one policy named here
 * (src/page/api/drawing.ts); anywhere else the browser refuses it.
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types drawing',
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const;

/** The page's files, revalidated by ETag; a browser that asks for the root is led here. */
export function uiRoutes(app: FastifyInstance): void {
  const options = { config: { scope: 'open' }, exposeHeadRoute: true } as const;
  for (const [path, file, type] of FILES) {
    app.get(path, options, (request, reply) => sendFile(request, reply, file, type));
  }
  // The files are named relative to `/ui`, so that they are found below any path of a reverse proxy.
  app.get('/ui/', options, (_request, reply) => reply.redirect('../ui', 308));
  app.get('/', options, (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return reply.redirect('ui', 302);
    return reply.callNotFound();
  });
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: string, type: string) {
  const body = await readFile(new URL(file, FOLDER)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Refusal('0010', 'the page is not built; run "npm run build"');
  });
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  reply.headers(HEADERS).header('etag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(type).send(body);
}
