/** How a refusal leaves the house: envelope, JSON-RPC error on data routes, status and `Retry-After` (contract §1). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../actors/refusal.ts';
import type { RpcError, RpcId } from '../backends/rpc/json-rpc.ts';
import type { JsonObject } from '../store/event-log.ts';
import { isDataRequest } from './data-route.ts';
import { type Envelope, localised } from './envelope.ts';
import { errorTable, wasHttp200 } from './errors.ts';

export interface RefusalOptions {
  /** The id of the JSON-RPC request that is refused; null (the default) when it has none or could not be read. */
  readonly rpcId?: RpcId | null;
  /** Whether the JSON-RPC error goes along. Default: by the route. */
  readonly dataRoute?: boolean;
  /** HTTP status where the contract has a second one for the code (see `variants`). */
  readonly status?: number;
  /** JSON-RPC error code, likewise. */
  readonly rpcCode?: number;
  /** What the JSON-RPC error's `data` holds besides its own fields. */
  readonly rpcData?: JsonObject;
  /** Leaves the envelope out: the JSON-RPC error alone. */
  readonly bare?: boolean;
}

export interface RpcErrorBody {
  readonly jsonrpc: '2.0';
  readonly id: RpcId | null;
  readonly error: RpcError;
}

type RefusalBody = Envelope<null> & Partial<RpcErrorBody>;

/** Sends the refusal as the answer to the request. */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  options: RefusalOptions = {},
): FastifyReply {
  const status = statusOf(request, refusal, options);
  noteRefusal(request, refusal, status);
  reply.code(status);
  if (refusal.retryAfterMs !== null) reply.header('retry-after', retryAfterSeconds(refusal.retryAfterMs));
  return reply.type('application/json; charset=utf-8').send(refusalBody(request, refusal, options));
}

/** Counts and logs an answer that is a refusal, on whatever way it leaves. @param status null: on a stream that had begun */
export function noteRefusal(request: FastifyRequest, refusal: Refusal, status: number | null): void {
  request.commandTrace?.refused(refusal.code);
  const { meters, refusalLog } = request.server.gateway;
  meters.refusals[refusal.code]++;
  refusalLog.note(request, refusal, status);
}

/** The body `sendRefusal` sends: the envelope, and on a data route the JSON-RPC error in the same object. */
function refusalBody(
  request: FastifyRequest,
  refusal: Refusal,
  options: RefusalOptions = {},
): RefusalBody | RpcErrorBody {
  if (options.bare === true) return rpcErrorBody(request, refusal, options);
  const envelope: Envelope<null> = {
    code: refusal.code,
    message: messageOf(request, refusal),
    data: null,
    tid: request.id,
    success: false,
  };
  const dataRoute = options.dataRoute ?? isDataRequest(request);
  return dataRoute ? { ...envelope, ...rpcErrorBody(request, refusal, options) } : envelope;
}

/** The refusal as a JSON-RPC error response alone, for a stream that has already begun. */
export function rpcErrorBody(
  request: FastifyRequest,
  refusal: Refusal,
  options: RefusalOptions = {},
): RpcErrorBody {
  return {
    jsonrpc: '2.0',
    id: options.rpcId ?? null,
    error: {
      code: options.rpcCode ?? errorTable[refusal.code].rpcCode,
      message: messageOf(request, refusal),
      data: {
        code: refusal.code,
        tid: request.id,
        retryAfterMs: refusal.retryAfterMs,
        // What is refused was not forwarded; whoever knows better says so.
        delivered: false,
        ...options.rpcData,
      },
    },
  };
}

/** Whole seconds, rounded up, at least 1 (RFC 9110 §10.2.3 knows no fractions, and 0 would mean "at once"). */
function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}

function messageOf(request: FastifyRequest, refusal: Refusal): string {
  return localised(request, errorTable[refusal.code].localeKey, refusal.reason);
}

function statusOf(request: FastifyRequest, refusal: Refusal, options: RefusalOptions): number {
  if (request.server.gateway.compatHttp200 && wasHttp200(refusal.code)) return 200;
  return options.status ?? errorTable[refusal.code].status;
}
