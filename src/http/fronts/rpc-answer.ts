/** A backend's response as the whole answer to a request, in JSON. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { byteLength, type Outgoing } from '../../backends/rpc/plain/message.ts';
import { answerHeaders } from '../plugins/trace.ts';

const TYPE = 'application/json; charset=utf-8';

/**
 * Answers with 200. It takes the reply over: what Fastify would do for a payload has nothing to do here, and it takes no
 * payload in pieces. Headers set on the reply before are kept.
 */
export function answerRpc(reply: FastifyReply, message: Outgoing): void {
  const { raw, request } = reply;
  reply.hijack();
  reply
    .headers(answerHeaders(request))
    .headers({ 'content-type': TYPE, 'content-length': byteLength(message) });
  if (request.server.gateway.draining) reply.header('connection', 'close');
  raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
  if (typeof message === 'string') raw.end(message);
  else {
    raw.cork();
    for (const piece of message) raw.write(piece);
    raw.end();
    raw.uncork();
  }
}
