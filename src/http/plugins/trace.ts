/** Trace id and handling time on every answer (contract §1). */
import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readTraceparent } from '../../backends/rpc/traceparent.ts';
import { setSecurityHeaders } from './security-headers.ts';

const TRACE_ID_BYTES = 16;
/** Random bytes for the next ids: to fetch them one by one costs several times as much. */
const pool = Buffer.alloc(256 * TRACE_ID_BYTES);
let poolUsed = pool.length;

/** A new trace id: 32 hexadecimal digits, as in W3C Trace Context. */
export function newTraceId(): string {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += TRACE_ID_BYTES;
  return pool.toString('hex', poolUsed - TRACE_ID_BYTES, poolUsed);
}

/** The trace id of a valid `traceparent` (W3C Trace Context §3.2), else a new one. It becomes `request.id`. */
export function traceIdOf(request: IncomingMessage, fresh: () => string = newTraceId): string {
  return readTraceparent(request.headers.traceparent)?.traceId ?? fresh();
}

/** The headers of every answer; for a front that writes its response itself, before it writes the head. */
export function answerHeaders(request: FastifyRequest): Readonly<Record<string, string>> {
  return {
    'x-request-id': request.id,
    'x-server-time': handlingTimeUs(request),
    'x-content-type-options': 'nosniff',
  };
}

/** Stamps requests at arrival and answers when they leave; during the drain, connections end with their answer. */
export function addTrace(app: FastifyInstance): void {
  app.decorateRequest('receivedAtMs', undefined);
  app.decorateRequest('response', undefined);
  app.decorateRequest('callTrace', null);
  app.decorateRequest('commandTrace', null);
  app.addHook('onRequest', (request, reply, done) => {
    request.receivedAtMs = app.gateway.now();
    request.response = reply.raw;
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id).header('x-server-time', handlingTimeUs(request));
    setSecurityHeaders(request, reply);
    if (app.gateway.draining) reply.header('connection', 'close');
    done(null, payload);
  });
}

function handlingTimeUs(request: FastifyRequest): string {
  const { receivedAtMs } = request;
  if (receivedAtMs === undefined) return '0';
  return String(Math.max(0, Math.round((request.server.gateway.now() - receivedAtMs) * 1000)));
}
