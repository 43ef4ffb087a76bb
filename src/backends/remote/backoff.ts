/** Waiting between attempts. */
import type { Clock } from '../clock.ts';

export interface Backoff {
  /** Attempts after the first. */
  readonly maxRetries: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { maxRetries: 3, minMs: 500, maxMs: 10_000 };

/** However small the configured wait: a server that closes at once must not be asked in a tight loop. */
const LEAST_MS = 10;

/** The wait before the retry after `failures` failed attempts (1 or more), in ms: twice as long each time. */
export function backoffMs(failures: number, { minMs, maxMs }: Backoff): number {
  const leastMs = Math.max(minMs, LEAST_MS);
  return Math.min(leastMs * 2 ** Math.min(failures - 1, 30), Math.max(maxMs, leastMs));
}

/**
 * The wait before a stream is opened again, in ms: what the server wishes, else the backoff; from the second time in a row
 * that nothing came of it, the longer of both.
 */
export function reconnectMs(wishedMs: number | null, fruitless: number, backoff: Backoff): number {
  if (wishedMs !== null && fruitless <= 1) return Math.max(wishedMs, LEAST_MS);
  return Math.max(wishedMs ?? 0, backoffMs(fruitless, backoff));
}

/** Resolves after `ms`, or as soon as the signal is aborted; the caller looks which. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clock.clearTimeout(handle);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const handle = clock.setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
