/** What the fronts themselves refuse: a refusal whose HTTP status or JSON-RPC code the MCP transport prescribes. */
import { Refusal, type RefusalCode } from '../../actors/refusal.ts';
import type { CallFailure, Era } from '../../backends/backend.ts';
import { LEGACY_VERSIONS, MODERN_VERSIONS } from '../../backends/protocol-versions.ts';
import { UNSUPPORTED_VERSION } from '../../backends/rpc/modern-errors.ts';
import type { JsonObject } from '../../store/event-log.ts';

/** Code of the transport's own errors; a client of both eras falls back to `initialize` on it. */
export const TRANSPORT_ERROR = -32000;
const SESSION_NOT_FOUND = -32001;
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;

export class Denial extends Error {
  override readonly name = 'Denial';

  constructor(
    readonly refusal: Refusal,
    /** HTTP status in place of the code's own; null: the code's own. */
    readonly status: number | null,
    readonly rpcCode: number,
    /** What the JSON-RPC error's `data` holds besides its own fields. */
    readonly rpcData: JsonObject = {},
    /** Whether the JSON-RPC error goes without the envelope: clients of 2026-07-28 take an error with more in it for none. */
    readonly bare = false,
  ) {
    super(refusal.message);
  }
}

/** A request that breaks a rule of the MCP transport (Streamable HTTP, "Sending Messages to the Server"). */
export function transportDenial(status: number, reason: string): Denial {
  return new Denial(new Refusal('0011', reason), status, TRANSPORT_ERROR);
}

export function sessionNotFound(): Denial {
  const reason = 'Session not found: it is unknown here or has ended; send initialize to open a new one';
  return new Denial(new Refusal('0011', reason), 404, SESSION_NOT_FOUND);
}

export function alreadyInitialized(): Denial {
  return new Denial(new Refusal('0008', 'this session is initialized already'), null, INVALID_REQUEST);
}

/**
 * The backend does not speak the era of the request. To a modern one the answer is none that a modern server gives: by that
 * a client of both eras knows that it has to fall back to `initialize` (2026-07-28, "Backward Compatibility"). A legacy
 * client cannot fall forward, so what it gets is for its user to read.
 */
export function notSpoken(era: Era): Denial {
  const supported = era === 'modern' ? LEGACY_VERSIONS : MODERN_VERSIONS;
  const reason = `this backend does not speak the protocol version (supported versions: ${supported.join(', ')})`;
  const refusal = new Refusal('0011', reason);
  if (era === 'modern') return new Denial(refusal, 400, TRANSPORT_ERROR);
  return new Denial(refusal, 400, UNSUPPORTED_VERSION, { supported: [...supported] }, true);
}

const CODE_OF = {
  lost: '0005',
  refused: '0005',
  closed: '0005',
  'too large': '0005',
  timeout: '0014',
  overloaded: '0009',
} as const;
const OVERLOAD_RETRY_MS = 1_000;

export function codeOf({ kind }: CallFailure): RefusalCode {
  return CODE_OF[kind];
}

/** The refusal that tells a client why its call has no answer. */
export function refusalOf(failure: CallFailure): Refusal {
  const retryAfterMs = failure.kind === 'overloaded' ? OVERLOAD_RETRY_MS : null;
  return new Refusal(codeOf(failure), failure.reason, retryAfterMs);
}
