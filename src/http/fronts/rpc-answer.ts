/** Whole answers to data requests. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { byteLength, type Outgoing } from '../../backends/rpc/plain/message.ts';
import { writeHead } from './head.ts';
import { closeWhenStalled, WATCHED_BYTES } from './stall.ts';

/** A backend's response as the answer to its request, in JSON. @param stallMs see `FrontSettings` */
export function answerRpc(reply: FastifyReply, message: Outgoing, stallMs: number, status = 200): void {
  const bytes = answerWhole(reply, status, 'application/json; charset=utf-8', message);
  if (bytes >= WATCHED_BYTES) closeWhenStalled(reply.raw, stallMs, reply.server.gateway.meters);
}

/**
 * Takes the reply over: what Fastify would do for a payload has nothing to do here, and it takes no payload in pieces.
 * @returns the length of the body in bytes
 */
export function answerWhole(reply: FastifyReply, status: number, type: string, message: Outgoing): number {
  const bytes = byteLength(message);
  const headers: OutgoingHttpHeaders = { 'content-type': type, 'content-length': bytes };
  if (reply.server.gateway.draining) headers.connection = 'close';
  const raw = writeHead(reply, status, headers);
  if (typeof message === 'string') raw.end(message);
  else {
    raw.cork();
    for (const piece of message) raw.write(piece);
    raw.end();
    raw.uncork();
  }
  return bytes;
}
