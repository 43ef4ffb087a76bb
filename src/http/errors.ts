/** The one table from a refusal's code to its HTTP status, JSON-RPC error code and wording (contract §1). */
import type { RefusalCode } from '../actors/refusal.ts';
import type { LocaleKey } from './locales/en.ts';

export interface ErrorEntry {
  readonly status: number;
  readonly rpcCode: number;
  readonly localeKey: LocaleKey;
}

export const errorTable: Readonly<Record<RefusalCode, ErrorEntry>> = {
  '0001': { status: 404, rpcCode: -32011, localeKey: 'noSuchService' },
  '0002': { status: 429, rpcCode: -32012, localeKey: 'coolingDown' },
  '0003': { status: 503, rpcCode: -32013, localeKey: 'stillStarting' },
  '0004': { status: 503, rpcCode: -32014, localeKey: 'unhealthy' },
  '0005': { status: 502, rpcCode: -32015, localeKey: 'backendFailed' },
  '0006': { status: 410, rpcCode: -32016, localeKey: 'ended' },
  '0007': { status: 409, rpcCode: -32017, localeKey: 'notStarted' },
  '0008': { status: 400, rpcCode: -32700, localeKey: 'badBody' },
  '0009': { status: 503, rpcCode: -32019, localeKey: 'overCapacity' },
  '0010': { status: 404, rpcCode: -32601, localeKey: 'noSuchRoute' },
  '0011': { status: 400, rpcCode: -32602, localeKey: 'invalidParameter' },
  '0012': { status: 403, rpcCode: -32010, localeKey: 'notAllowed' },
  '0013': { status: 413, rpcCode: -32600, localeKey: 'bodyTooLarge' },
  '0014': { status: 504, rpcCode: -32018, localeKey: 'noAnswerInTime' },
};

/** The second answers the contract has for a code; passed as `status` or `rpcCode` where a refusal is sent. */
export const variants = {
  /** 0001 when the path names no id. */
  pathWithoutId: { status: 400 },
  /** 0008 when the body is JSON, but not JSON-RPC. */
  notJsonRpc: { rpcCode: -32600 },
  /** 0008 when the content type is none the route reads. */
  unsupportedMediaType: { status: 415 },
  /** 0011 when the client takes none of the forms the route answers in. */
  notAcceptable: { status: 406 },
  /** 0011 when the client expects what HTTP does not know. */
  unmetExpectation: { status: 417 },
  /** 0012 when the caller has not said who they are. */
  unauthenticated: { status: 401 },
  /** 0005 for a fault of the gateway itself: the caller learns the trace id, the log has the rest. It may have come after the delivery. */
  internal: { status: 500, rpcCode: -32603, rpcData: { delivered: true } },
} as const;

/** The codes the earlier system answered with HTTP 200; `compatHttp200` restores that. */
export function wasHttp200(code: RefusalCode): boolean {
  return code <= '0007';
}
