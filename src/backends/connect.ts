/** How a launcher reaches a backend: one function per kind of backend, so that tests can give a fake one. */
import type { Directly, Ran, SpawnRecord } from './backend.ts';
import type { ServiceConfig } from './config/service-config.ts';
import type { Transport, TransportEvents } from './transport.ts';

export interface Connection {
  readonly transport: Transport;
  /** The process behind the transport; null for a remote backend. */
  readonly spawned: SpawnRecord | null;
  /** What was really run; null or absent: what the config says, or nothing. */
  readonly ran?: Ran | null;
  /** Last lines of stderr, oldest first, bounded. */
  readonly stderrTail: () => readonly string[];
}

/**
 * Opens the pipe to a backend; no MCP message has passed when it resolves. It settles soon after `signal` is aborted, and
 * when it rejects nothing of the backend is left (invariant 2). After it resolved, `signal` means nothing any more.
 * `secrets` are what must not be shown of anything the backend writes (see `secretsOf`); `directly`: see `LaunchRequest`.
 */
export type Connect = (
  config: ServiceConfig,
  events: TransportEvents,
  signal: AbortSignal,
  secrets: readonly string[],
  directly: Directly | null,
) => Promise<Connection>;
