/** Connections whose reader takes nothing. */
import type { ServerResponse } from 'node:http';
import type { RequestMeters } from '../../metrics/request-meters.ts';

/** Less than this the kernel takes over at once, whether anybody reads or not. */
export const WATCHED_BYTES = 64 * 1024;

/**
 * Closes the connection when nothing of what waits for its reader is taken for `stallMs` (invariant 10). Node looks at how much the
 * kernel has taken meanwhile, so that a slow reader of something large is left alone. @param stallMs 0: not any more
 */
export function closeWhenStalled(raw: ServerResponse, stallMs: number, meters: RequestMeters): void {
  if (raw.listenerCount('timeout') === 0) raw.on('timeout', () => abandon(raw, meters));
  raw.setTimeout(stallMs);
}

/** Closes the connection at once: its reader takes nothing. */
export function abandon(raw: ServerResponse, meters: RequestMeters): void {
  meters.stalledReaders++;
  raw.destroy();
}
