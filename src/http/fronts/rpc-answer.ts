/** Whole answers to data requests. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { byteLength, type Outgoing } from '../../backends/rpc/plain/message.ts';
import { answerHeaders } from '../plugins/trace.ts';
import { closeWhenStalled, WATCHED_BYTES } from './stall.ts';

/** A backend's response as the answer to its request, in JSON. @param stallMs see `FrontSettings` */
export function answerRpc(reply: FastifyReply, message: Outgoing, stallMs: number, status = 200): void {
  const bytes = answerWhole(reply, status, 'application/json; charset=utf-8', message);
  if (bytes >= WATCHED_BYTES) closeWhenStalled(reply.raw, stallMs, reply.server.gateway.meters);
}

/**
 * Takes the reply over: what Fastify would do for a payload has nothing to do here, and it takes no payload in pieces.
 * Headers set on the reply before are kept. @returns the length of the body in bytes
 */
export function answerWhole(reply: FastifyReply, status: number, type: string, message: Outgoing): number {
  const { raw, request } = reply;
  const bytes = byteLength(message);
  reply.hijack();
  const headers: OutgoingHttpHeaders = {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    ...answerHeaders(request),
    'content-type': type,
    'content-length': bytes,
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
  return bytes;
}
