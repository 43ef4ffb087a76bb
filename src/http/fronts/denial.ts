/** What the fronts themselves refuse: a refusal whose HTTP status or JSON-RPC code the MCP transport prescribes. */
import { Refusal } from '../../actors/refusal.ts';
import type { CallFailure } from '../../backends/backend.ts';

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

const CODE_OF = {
  lost: '0005',
  closed: '0005',
  'too large': '0005',
  timeout: '0014',
  overloaded: '0009',
} as const;
const OVERLOAD_RETRY_MS = 1_000;

/** The refusal that tells a client why its call has no answer. */
export function refusalOf(failure: CallFailure): Refusal {
  const retryAfterMs = failure.kind === 'overloaded' ? OVERLOAD_RETRY_MS : null;
  return new Refusal(CODE_OF[failure.kind], failure.reason, retryAfterMs);
}
