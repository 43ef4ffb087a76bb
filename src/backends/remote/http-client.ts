/** HTTP with one remote backend: its headers, bounded redirects, and retries of what cannot have been delivered. */
import { Agent, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Clock } from '../clock.ts';
import type { AddressGuard } from './address-guard.ts';
import { type Backoff, backoffMs, pause } from './backoff.ts';
import { Discards } from './discards.ts';
import { exchange, type HttpRequest } from './http-exchange.ts';
import { RemoteFailure } from './remote-failure.ts';

const MAX_REDIRECTS = 5;
/** Idle connections are given up before most servers do it (5 s): a request must not meet one that is just closing. */
const IDLE_CONNECTION_MS = 3_000;
/** 303 is not among them: it wants a GET, which no MCP message is. 301 and 302 keep the method here. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);
/** What may go to another origin than the configured one: no credential, no session. */
const HARMLESS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'content-type',
  'mcp-protocol-version',
  'user-agent',
]);
/** Headers of a config that would break the connection or its framing. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface RemoteHttpOptions {
  readonly guard: AddressGuard;
  /** Of the service's config. Nothing of a client's own request is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
}

export interface RemoteReply {
  readonly status: number;
  readonly head: IncomingMessage['headers'];
  readonly body: IncomingMessage;
  /** Where it came from, after redirects. */
  readonly url: URL;
}

export class RemoteHttp {
  readonly #options: RemoteHttpOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #discards: Discards;
  // A timeout of an agent closes its idle connections; busy ones only tell of it, and nobody listens.
  readonly #agents = {
    'http:': new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS }),
    'https:': new SecureAgent({ keepAlive: true, timeout: IDLE_CONNECTION_MS }),
  };

  constructor(options: RemoteHttpOptions) {
    this.#options = options;
    this.#discards = new Discards(options.clock);
    const own = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      'user-agent': 'evergate',
      'accept-encoding': 'identity',
      ...Object.fromEntries(own.filter(([name]) => !FRAMING.has(name))),
    };
  }

  /**
   * Sends a request; its headers go before those of the config. An attempt that made no connection is repeated after a
   * backoff, `retries` times at most; one that did is not: it may have been delivered (invariant 3).
   * @throws {RemoteFailure}
   */
  async send(request: HttpRequest, retries = this.#options.backoff.maxRetries): Promise<RemoteReply> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.#follow({ ...request, headers: { ...this.#headers, ...request.headers } });
      } catch (error) {
        const again = error instanceof RemoteFailure && error.fault === 'unreachable' && failures <= retries;
        if (!again) throw error;
        await pause(this.#options.clock, backoffMs(failures, this.#options.backoff), request.signal);
        if (request.signal.aborted) throw error;
      }
    }
  }

  /** The body of a reply that nobody wants. */
  discard(body: IncomingMessage): void {
    this.#discards.discard(body);
  }

  /** Ends every connection. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #follow(first: HttpRequest): Promise<RemoteReply> {
    let request = first;
    for (let hops = 0; ; hops++) {
      const { url } = request;
      const agent = this.#agents[url.protocol === 'https:' ? 'https:' : 'http:'];
      const body = await exchange(request, { ...this.#options, agent });
      const status = body.statusCode ?? 0;
      if (!REDIRECTS.has(status)) return { status, head: body.headers, body, url };
      this.discard(body);
      if (hops === MAX_REDIRECTS) {
        throw notFollowed(url, `more than ${MAX_REDIRECTS} times; set the url to where it ends`);
      }
      request = redirected(request, body.headers.location);
    }
  }
}

/** The request as it goes on to where a redirect leads. @throws {RemoteFailure} it is not followed there */
function redirected(request: HttpRequest, location: string | undefined): HttpRequest {
  const from = request.url;
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw notFollowed(from, 'without saying where to; check the url');
  }
  const url = new URL(location, from.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw notFollowed(from, 'to something else than http or https; check the url');
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw notFollowed(from, `to ${url.origin}, which is not encrypted; set the url to an https one`);
  }
  if (url.origin === from.origin) return { ...request, url };
  const headers = Object.entries(request.headers).filter(([name]) => HARMLESS.has(name));
  return { ...request, url, headers: Object.fromEntries(headers) };
}

function notFollowed({ origin }: URL, fault: string): RemoteFailure {
  return new RemoteFailure('not allowed', `${origin} redirects ${fault}`, false);
}
