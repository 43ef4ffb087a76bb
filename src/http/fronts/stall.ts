/** Connections whose reader takes nothing. */
import type { ServerResponse } from 'node:http';
import type { RequestMeters } from '../../metrics/request-meters.ts';

/** Less than this the kernel takes over at once, whether anybody reads or not. */
export const WATCHED_BYTES = 64 * 1024;

/**
 * Closes the connection when nothing of what waits for its reader is taken for `stallMs` (invariant 10). Node looks at how much the
 * kernel has taken meanwhile, so that a slow reader of something large is left alone. To be called once for a response.
 */
export function closeWhenStalled(raw: ServerResponse, stallMs: number, meters: RequestMeters): void {
  raw.setTimeout(stallMs, () => {
    meters.stalledReaders++;
    raw.destroy();
  });
}
