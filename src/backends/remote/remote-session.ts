/** One session at a remote backend: what the two HTTP transports of MCP have in common for the lane's transport. */

import type { Clock } from '../clock.ts';
import type { TransportEvents } from '../transport.ts';
import type { Backoff } from './backoff.ts';
import type { RemoteHttp } from './http-client.ts';
import type { Outgoing } from './outgoing.ts';

export interface SessionEvents extends Required<Omit<TransportEvents, 'onBytes' | 'onRenewed' | 'onStderr'>> {
  /** The remote does not know the session any more, or what it hung on broke. */
  onEnded(reason: string): void;
  /** The remote cannot be reached any more, however often it is tried. */
  onUnreachable(reason: string): void;
}

export interface RemoteSession {
  /** The version that the handshake agreed on; every later request names it. */
  protocolVersion: string | null;
  /** Requests that the remote has taken and whose answers still hold a connection. */
  readonly connections: number;
  /** Makes it possible to post. @throws {RemoteFailure} */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Brings one message to the remote; resolves when that has taken it. The answer to a request comes as an event, later
   * or before. @throws {RemoteFailure} it was not taken; fault `session`: there is no such session
   * @param signal gives the message up; only to be aborted where it is a request, and where nobody is owed its answer
   */
  post(message: Outgoing, signal?: AbortSignal): Promise<void>;
  /** The handshake is done: begins to listen for what belongs to no request. */
  listen(): void;
  /** Gives the session up: requests that the remote had taken fail. Nothing is told to the remote. */
  drop(reason: string): void;
  /** Ends the session at the remote, too, as far as that is still possible. */
  end(): Promise<void>;
}

export interface SessionOptions {
  readonly http: RemoteHttp;
  readonly url: URL;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  /** How long a message that has no answer may take to be taken, in ms. */
  readonly acceptTimeoutMs: number;
  /** How long `initialize` may take that is said again, and a stream to begin as it must, in ms. */
  readonly handshakeTimeoutMs: number;
}

export type BeginSession = (events: SessionEvents) => RemoteSession;
