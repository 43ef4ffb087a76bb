/** The head of an answer that a front writes itself. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { answerHeaders } from '../plugins/trace.ts';

/** Takes the reply over and writes its head; headers set on the reply before are kept. */
export function writeHead(reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): ServerResponse {
  reply.hijack();
  const before = reply.getHeaders() as OutgoingHttpHeaders;
  return reply.raw.writeHead(status, { ...before, ...answerHeaders(reply.request), ...headers });
}
