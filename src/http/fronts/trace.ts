/** The traces of calls, for the fronts: where nothing is traced, nothing is made. */
import type { FastifyRequest } from 'fastify';
import type { Lane } from '../../backends/backend.ts';
import type { RpcMessage, RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { LISTEN } from '../../backends/rpc/methods.ts';

/** To be called once for each message, before anything can come of it. */
export function beginTrace(
  request: FastifyRequest,
  serviceId: string,
  front: 'stream' | 'sse',
  message: RpcMessage,
): void {
  const { tracing, now } = request.server.gateway;
  if (tracing === null || message.kind !== 'request' || message.method === LISTEN) return;
  const { headers, id: tid, receivedAtMs } = request;
  const ageMs = receivedAtMs === undefined ? 0 : now() - receivedAtMs;
  request.callTrace = tracing.call({ serviceId, front, message, headers, tid, ageMs });
}

/** The message as it goes to the backend: where its call is traced, it says so. */
export function traced({ callTrace }: FastifyRequest, lane: Lane, message: RpcRequest): RpcRequest {
  return callTrace === null ? message : callTrace.forward(lane, message);
}
