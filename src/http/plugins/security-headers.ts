/** Headers that keep a browser from making more of an answer than it is. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDataRequest } from '../data-route.ts';

/** An answer is data: it shows nothing, loads nothing, is framed by nobody, kept by nobody, and read by no other site. */
const DATA_ONLY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** What a route set for itself stays. Answers to MCP clients have the one that matters without a browser, and no more. */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  if (isDataRequest(request)) return;
  for (const [name, value] of Object.entries(DATA_ONLY))
    if (!reply.hasHeader(name)) reply.header(name, value);
}
