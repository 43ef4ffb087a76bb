/** The remote transports' front door: from a service's config to a transport that can be sent to. */
import { StartFailure } from '../backend.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { RemoteConfig } from '../config/service-config.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import { createAddressGuard, type GuardOptions } from './address-guard.ts';
import { type Backoff, DEFAULT_BACKOFF } from './backoff.ts';
import { detectSessions } from './detected-session.ts';
import { RemoteHttp } from './http-client.ts';
import { HttpSseSession } from './http-sse-session.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { BeginSession, SessionOptions } from './remote-session.ts';
import { RemoteTransport } from './remote-transport.ts';
import { StreamableSession } from './streamable-session.ts';

export interface RemoteOptions extends GuardOptions {
  /** Longest message taken from a remote; default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Bytes of messages that a remote has not taken yet; default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Connections of one lane: each message on its way and each request without its answer has one; default 1,000. */
  readonly maxConnections?: number;
  /** How long a handshake may take that is begun again, in ms; default: the config's `timeout`, 60 s at most. */
  readonly handshakeTimeoutMs?: number;
  readonly clock?: Clock;
}

const MIB = 1024 * 1024;
const DEFAULT_BYTES = 64 * MIB;
const DEFAULT_CONNECTIONS = 1_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** What is to be taken, not answered, takes no longer than this, whatever the config grants to answers. In ms. */
const LONGEST_ACCEPT_MS = 60_000;

/**
 * Opens the transport. Over Streamable HTTP nothing passes yet: the first message begins the session.
 * @throws {StartFailure} the remote cannot be reached, must not be reached, or is no HTTP+SSE server
 */
export async function connectRemote(
  config: RemoteConfig,
  options: RemoteOptions,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  const sessionOptions = sessionOptionsOf(config, options);
  const { maxQueuedBytes = DEFAULT_BYTES, maxConnections = DEFAULT_CONNECTIONS } = options;
  const transport = new RemoteTransport(
    { ...sessionOptions, maxQueuedBytes, maxConnections },
    beginOf(config, sessionOptions),
    events,
  );
  try {
    await transport.open(signal);
    return transport;
  } catch (error) {
    await transport.close();
    throw error instanceof RemoteFailure ? new StartFailure(error.message) : error;
  }
}

function beginOf({ transport }: RemoteConfig, options: SessionOptions): BeginSession {
  if (transport === 'sse') return events => new HttpSseSession(options, events);
  if (transport === 'streamable-http') return events => new StreamableSession(options, events);
  return detectSessions(options);
}

function sessionOptionsOf(config: RemoteConfig, options: RemoteOptions): SessionOptions {
  const { clock = systemClock, maxMessageBytes = DEFAULT_BYTES } = options;
  const backoff = backoffOf(config);
  const http = new RemoteHttp({
    guard: createAddressGuard(options),
    headers: config.headers,
    connectTimeoutMs: config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    backoff,
    clock,
  });
  const acceptTimeoutMs = Math.min(config.timeoutMs ?? LONGEST_ACCEPT_MS, LONGEST_ACCEPT_MS);
  const { handshakeTimeoutMs = acceptTimeoutMs } = options;
  const url = new URL(config.url);
  return { http, url, backoff, clock, maxMessageBytes, acceptTimeoutMs, handshakeTimeoutMs };
}

function backoffOf({ maxRetries, retryMinBackoffMs, retryMaxBackoffMs }: RemoteConfig): Backoff {
  const minMs = retryMinBackoffMs ?? DEFAULT_BACKOFF.minMs;
  return {
    maxRetries: maxRetries ?? DEFAULT_BACKOFF.maxRetries,
    minMs,
    maxMs: Math.max(minMs, retryMaxBackoffMs ?? DEFAULT_BACKOFF.maxMs),
  };
}
