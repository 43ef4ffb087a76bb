/** The bounds of one lane (invariant 10). */
export interface MultiplexerLimits {
  /** Longest time a call, or a request to a client, waits for its answer, in ms. */
  readonly requestTimeoutMs: number;
  /** Calls of all sessions under way; further ones fail as overloaded. */
  readonly maxInFlight: number;
  /** Sessions attached; calls of further ones fail as overloaded. */
  readonly maxSessions: number;
  readonly maxSubscriptions: number;
  /** Requests of the backend that no client has answered yet; further ones are refused. */
  readonly maxServerRequests: number;
}

export const DEFAULT_LIMITS: MultiplexerLimits = {
  requestTimeoutMs: 300_000,
  maxInFlight: 10_000,
  maxSessions: 10_000,
  maxSubscriptions: 10_000,
  maxServerRequests: 1_000,
};
