/** Revisions of MCP that begin with `initialize`, newest first. The SDK lists the same; importing it costs 150 ms. */
export const LEGACY_VERSIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];

/** What the gateway offers a backend. */
export const LATEST_LEGACY_VERSION = '2025-11-25';

/** Revisions without a handshake and without sessions that the gateway speaks to backends, newest first. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];

const FIRST_MODERN_VERSION = '2026-07-28';

/** Whether a version names a revision of the modern era, known or not. Versions are dates and compare as text. */
export function isModernVersion(version: string): boolean {
  return version >= FIRST_MODERN_VERSION && /^\d{4}-\d{2}-\d{2}$/.test(version);
}

const VERSION = /^[\w.-]{1,32}$/;

/** Whether it looks like a protocol version, of any revision: it can be put into a header. */
export function isVersionText(value: unknown): value is string {
  return typeof value === 'string' && VERSION.test(value);
}
