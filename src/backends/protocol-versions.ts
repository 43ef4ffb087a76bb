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
