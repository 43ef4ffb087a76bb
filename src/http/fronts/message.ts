/** What a POST must look like before anybody is asked about it. */
import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import type { RpcId, RpcMessage } from '../../backends/rpc/json-rpc.ts';
import { readPlainRequest } from '../../backends/rpc/plain/read.ts';
import { NotJsonRpc, readMessage } from '../../backends/rpc/text.ts';
import { Denial, INVALID_REQUEST, PARSE_ERROR, TRANSPORT_ERROR, transportDenial } from './denial.ts';
import { claimsModern } from './modern/body.ts';

/** @throws {Denial} 415 unless the body is declared as JSON */
export function requireJson(request: FastifyRequest): void {
  const declared = request.headers['content-type'];
  if (declared === 'application/json') return;
  const essence = declared?.split(';', 1)[0]?.trim().toLowerCase();
  if (essence === 'application/json') return;
  throw new Denial(new Refusal('0008', 'Content-Type must be application/json'), 415, TRANSPORT_ERROR);
}

/** @throws {Denial} `status` unless the client accepts all of `types` by name (Streamable HTTP: it MUST list them) */
export function requireAccept(request: FastifyRequest, types: readonly string[], status = 406): void {
  const { accept = '' } = request.headers;
  if (lists(accept, types) || lists(accept.toLowerCase(), types)) return;
  throw transportDenial(status, `Accept must list ${types.join(' and ')}`);
}

function lists(accept: string, types: readonly string[]): boolean {
  for (const type of types) if (!accept.includes(type)) return false;
  return true;
}

/** Takes the message out of the request, which holds on to its body no longer.
 * @throws {Denial} 0008 when the body is not one JSON-RPC message */
export function takeMessage(request: FastifyRequest): RpcMessage {
  const { body } = request;
  request.body = undefined;
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw malformed('the body is empty; send one JSON-RPC message', PARSE_ERROR);
  if (!isUtf8(body))
    throw malformed('the body is not UTF-8; send one JSON-RPC message in UTF-8', PARSE_ERROR);
  try {
    // Whoever claims the modern era has metadata that has to be looked into.
    const plain = claimsModern(request) ? null : readPlainRequest(body);
    return plain ?? readMessage(body.toString('utf8'));
  } catch (error) {
    if (error instanceof NotJsonRpc)
      throw malformed(error.reason, error.parse ? PARSE_ERROR : INVALID_REQUEST);
    throw error;
  }
}

/** The same of a body that was not looked into because of what was declared of it; null: none can be read. */
export function rpcIdWithin(request: FastifyRequest): RpcId | null {
  try {
    return rpcIdOf(takeMessage(request));
  } catch (error) {
    if (error instanceof Denial) return null;
    throw error;
  }
}

/** The id a refusal of this message has to carry. */
export function rpcIdOf(message: RpcMessage): RpcId | null {
  return message.kind === 'request' ? message.id : null;
}

function malformed(reason: string, rpcCode: number): Denial {
  return new Denial(new Refusal('0008', reason), null, rpcCode);
}
