/** The `Prefer` header (RFC 7240), as far as `wait` goes. */

/** Longest hold a client can ask for, in ms. */
export const MAX_WAIT_MS = 3_600_000;

/**
 * Milliseconds of `Prefer: wait=<s>`, at most `MAX_WAIT_MS`; null when there is no such preference, or one that is
 * no whole number of seconds: the RFC has what is not understood ignored. Of several the first counts.
 */
export function readWaitMs(header: string | readonly string[] | undefined): number | null {
  if (header === undefined) return null;
  const preferences = typeof header === 'string' ? header : header.join(',');
  const match = /(?:^|,)\s*wait\s*=\s*("?)([^",;]*)\1\s*(?:;[^,]*)?(?=,|$)/i.exec(preferences);
  const seconds = match?.[2]?.trim() ?? '';
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds) * 1000, MAX_WAIT_MS) : null;
}
