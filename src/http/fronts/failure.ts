/** How a call that got no answer is told to its client. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallFailure } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { noteRefusal, rpcErrorBody, sendRefusal } from '../refuse.ts';
import { refusalOf } from './denial.ts';

/** As an event: the JSON-RPC error alone, without a line break. */
export function failureEvent(request: FastifyRequest, failure: CallFailure, rpcId: RpcId): string {
  const rpcData = { delivered: failure.delivered };
  const refusal = refusalOf(failure);
  noteRefusal(request, refusal, null);
  return JSON.stringify(rpcErrorBody(request, refusal, { rpcId, rpcData }));
}

/** As a reply that has not begun yet: HTTP status and envelope. */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: CallFailure,
  rpcId: RpcId,
): void {
  const rpcData = { delivered: failure.delivered };
  sendRefusal(request, reply, refusalOf(failure), { dataRoute: true, rpcId, rpcData });
}
