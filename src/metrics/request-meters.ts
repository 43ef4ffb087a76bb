/**
 * What happened to requests: plain numbers that the request path adds to. No object is made and no listener called for it;
 * whoever reads them makes a page of them.
 */
import type { RefusalCode } from '../actors/refusal.ts';
import { CALL_BUCKETS_MS, Histogram } from './histogram.ts';

/**
 * How a JSON-RPC request of a client ended:
 * - `ok`, `error`: with a result or an error of the backend (or of the gateway, where it answers for the backend)
 * - `refused`: by the gateway, before a backend saw it
 * - `lost`, `rejected`, `timeout`, `too_large`, `overloaded`, `closed`: as a `CallFailure` says
 * - `cancelled`: its client hung up while it waited, or took it back by that
 */
export const CALL_OUTCOMES = [
  'ok',
  'error',
  'refused',
  'lost',
  'rejected',
  'timeout',
  'too_large',
  'overloaded',
  'closed',
  'cancelled',
] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export const REFUSAL_CODES = [
  '0001',
  '0002',
  '0003',
  '0004',
  '0005',
  '0006',
  '0007',
  '0008',
  '0009',
  '0010',
  '0011',
  '0012',
  '0013',
  '0014',
] as const satisfies readonly RefusalCode[];

/**
 * Why work was refused before anybody looked at it: the gateway was overloaded, the principal asks too often, too many wrong tokens
 * came from its address, there is no memory for its body.
 */
export const SHED_REASONS = ['overload', 'rate_limit', 'wrong_tokens', 'bodies'] as const;

export type ShedReason = (typeof SHED_REASONS)[number];

export class RequestMeters {
  readonly calls: Record<CallOutcome, number> = zeroes(CALL_OUTCOMES);
  readonly callDuration = new Histogram(CALL_BUCKETS_MS);
  /** Answers that were refusals, by their code. */
  readonly refusals: Record<RefusalCode, number> = zeroes(REFUSAL_CODES);
  readonly shed: Record<ShedReason, number> = zeroes(SHED_REASONS);
  /** Readers of streams that were closed because they did not read. */
  stalledReaders = 0;

  /** One call has its one outcome (invariant 3). @param durationMs since its request arrived */
  ended(outcome: CallOutcome, durationMs: number): void {
    this.calls[outcome]++;
    this.callDuration.observe(durationMs);
  }
}

function zeroes<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map(name => [name, 0])) as Record<K, number>;
}
