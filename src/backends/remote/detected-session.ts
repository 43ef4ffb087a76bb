/**
 * A session with a remote of which the config does not say how it speaks. It is asked as Streamable HTTP first; if it
 * refuses `initialize` in a way that an HTTP+SSE server does, it is asked for the stream of one (specification,
 * "Backwards Compatibility"). Whether it speaks the modern era is found out above, by `server/discover`, which is a POST
 * like any other and settles that it is Streamable HTTP when it is answered.
 */
import { HttpSseSession } from './http-sse-session.ts';
import type { Outgoing } from './outgoing.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { BeginSession, RemoteSession, SessionOptions } from './remote-session.ts';
import { StreamableSession } from './streamable-session.ts';

/** Refusals of a client that was understood, or is to come again: the remote speaks Streamable HTTP all the same. */
const UNDERSTOOD: ReadonlySet<number> = new Set([401, 403, 407, 408, 413, 429]);
/** Not implemented: a server that knows GET only. */
const NOT_IMPLEMENTED = 501;

/** Sessions of one lane: what was detected once holds for all of them. */
export function detectSessions(options: SessionOptions): BeginSession {
  let kind: BeginSession | null = null;
  const streamable: BeginSession = events => new StreamableSession(options, events);
  const httpSse: BeginSession = events => new HttpSseSession(options, events);
  const settle = (isHttpSse: boolean) => {
    kind = isHttpSse ? httpSse : streamable;
  };
  return events => kind?.(events) ?? new DetectedSession(streamable(events), () => httpSse(events), settle);
}

class DetectedSession implements RemoteSession {
  readonly #beginHttpSse: () => RemoteSession;
  readonly #settle: (isHttpSse: boolean) => void;
  readonly #over = new AbortController();
  #session: RemoteSession;
  #settled = false;

  constructor(
    streamable: RemoteSession,
    beginHttpSse: () => RemoteSession,
    settle: (isHttpSse: boolean) => void,
  ) {
    this.#session = streamable;
    this.#beginHttpSse = beginHttpSse;
    this.#settle = settle;
  }

  get protocolVersion(): string | null {
    return this.#session.protocolVersion;
  }

  set protocolVersion(version: string | null) {
    this.#session.protocolVersion = version;
  }

  get connections(): number {
    return this.#session.connections;
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#session.open(signal);
  }

  async post(message: Outgoing, signal?: AbortSignal): Promise<void> {
    try {
      await this.#session.post(message, signal);
      this.#decide(false);
    } catch (error) {
      if (this.#settled || message.method !== 'initialize' || !isForeign(error)) throw error;
      const httpSse = this.#beginHttpSse();
      await httpSse.open(this.#over.signal).catch(second => {
        throw neither(error, second);
      });
      this.#session = httpSse;
      this.#decide(true);
      await httpSse.post(message, signal);
    }
  }

  listen(): void {
    this.#session.listen();
  }

  drop(reason: string): void {
    this.#over.abort();
    this.#session.drop(reason);
  }

  end(): Promise<void> {
    this.#over.abort();
    return this.#session.end();
  }

  #decide(isHttpSse: boolean): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(isHttpSse);
  }
}

/** Whether a failed POST looks like that of a server that does not know Streamable HTTP. */
function isForeign(error: unknown): error is RemoteFailure {
  if (!(error instanceof RemoteFailure) || error.status === null) return false;
  const { status } = error;
  return status === NOT_IMPLEMENTED || (status >= 400 && status < 500 && !UNDERSTOOD.has(status));
}

function neither(first: RemoteFailure, second: unknown): unknown {
  if (!(second instanceof RemoteFailure)) return second;
  const message = `it speaks neither Streamable HTTP nor HTTP+SSE there: ${first.message}; and ${second.message}`;
  return new RemoteFailure(second.fault, message, false, second.status);
}
