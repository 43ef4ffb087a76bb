/** Whole answers to data requests. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { byteLength, type Outgoing } from '../../backends/rpc/plain/message.ts';
import { answerHeaders } from '../plugins/trace.ts';

/** A backend's response as the answer to its request, in JSON. */
export function answerRpc(reply: FastifyReply, message: Outgoing): void {
  answerWhole(reply, 200, 'application/json; charset=utf-8', message);
}

/**
 * Takes the reply over: what Fastify would do for a payload has nothing to do here, and it takes no payload in pieces.
 * Headers set on the reply before are kept.
 */
export function answerWhole(reply: FastifyReply, status: number, type: string, message: Outgoing): void {
  const { raw, request } = reply;
  reply.hijack();
  const headers: OutgoingHttpHeaders = {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    ...answerHeaders(request),
    'content-type': type,
    'content-length': byteLength(message),
  };
  if (request.server.gateway.draining) headers.connection = 'close';
  raw.writeHead(status, headers);
  if (typeof message === 'string') raw.end(message);
  else {
    raw.cork();
    for (const piece of message) raw.write(piece);
    raw.end();
    raw.uncork();
  }
}
