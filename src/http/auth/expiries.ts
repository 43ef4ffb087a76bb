/** What ends when its token does: one timer for all of it, for the next that is due. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../backends/clock.ts';
import { principalOf } from './principal.ts';

export class Expiries {
  /** By epoch ms; no more entries than open streams (`maxConnections`, invariant 10). */
  readonly #due = new Map<number, Set<() => void>>();
  readonly #clock: Clock;
  #timer: unknown = null;
  /** When the timer goes off. */
  #at = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    let size = 0;
    for (const { size: those } of this.#due.values()) size += those;
    return size;
  }

  /** Calls `end` once, at that time. @param at epoch ms @returns forgets it */
  add(at: number, end: () => void): () => void {
    const those = this.#due.get(at) ?? new Set();
    this.#due.set(at, those.add(end));
    if (at < this.#at) this.#arm(at);
    return () => {
      those.delete(end);
      if (those.size === 0 && this.#due.get(at) === those) this.#due.delete(at);
      if (this.#due.size === 0) this.stop();
    };
  }

  /** Forgets all of it. */
  stop(): void {
    this.#due.clear();
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Number.POSITIVE_INFINITY;
  }

  #arm(at: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = this.#clock.setTimeout(() => this.#endDue(), Math.max(0, at - this.#clock.now()));
  }

  /** The longest timers go off before their time: those are set again. */
  #endDue(): void {
    this.#timer = null;
    this.#at = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const ends = [...this.#due].filter(([at]) => at <= now).sort(([one], [other]) => one - other);
    for (const [at] of ends) this.#due.delete(at);
    for (const [, those] of ends) for (const end of [...those]) end();
    if (this.#due.size > 0) this.#arm(Math.min(...this.#due.keys()));
  }
}

/**
 * Ends a stream that lasts as long as its client likes when the token of its request does; that of a token without an end
 * goes on. Answers to calls are left alone: they are what the token was good for, and end by themselves.
 */
export function endWithToken(request: FastifyRequest, end: () => void): void {
  const { expiresAt } = principalOf(request);
  if (expiresAt === undefined) return;
  const forget = request.server.gateway.expiries.add(expiresAt, end);
  request.response?.once('close', forget);
}
