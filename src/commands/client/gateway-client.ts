/** A client of a gateway's API: what the commands that ask a running gateway share. */
import { EventStreamReader } from '../../backends/remote/event-stream.ts';

export interface GatewayClientOptions {
  readonly url: URL;
  readonly token: string | undefined;
  /** Sent as `Accept-Language`. */
  readonly language: string | undefined;
}

/** The gateway said no. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** The gateway cannot be reached, or what answers is none. */
export class GatewayUnreachable extends Error {
  override readonly name = 'GatewayUnreachable';
}

export interface StreamEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: string;
}

interface AnswerBody {
  readonly data?: unknown;
  readonly message?: unknown;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Longest answer to a plain request, in ms; a stream has no such bound. */
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

export class GatewayClient {
  readonly #options: GatewayClientOptions;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
  }

  /** The `data` of an answer. @throws {GatewayRefusal | GatewayUnreachable} */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await this.#request(path, query, { accept: 'application/json' }, signal);
    const body = await this.#json(response);
    return body.data as T;
  }

  /**
   * The events of a live stream, until it ends or `signal` is aborted. Tells by `onOpen` when it has begun.
   * @throws {GatewayRefusal | GatewayUnreachable}
   */
  async *events(
    path: string,
    query: Query,
    lastEventId: string | null,
    { signal, onOpen = () => {} }: { readonly signal?: AbortSignal; readonly onOpen?: () => void } = {},
  ): AsyncGenerator<StreamEvent> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId !== null && { 'last-event-id': lastEventId }),
    };
    const response = await this.#request(path, query, headers, signal);
    onOpen();
    const events: StreamEvent[] = [];
    const reader = new EventStreamReader({
      maxEventBytes: MAX_EVENT_BYTES,
      onEvent: (type, data) => events.push({ type, id: reader.lastEventId, data }),
      onOversized: bytes => events.push({ type: 'oversized', id: null, data: String(bytes) }),
    });
    try {
      for await (const chunk of response.body ?? []) {
        reader.push(Buffer.from(chunk));
        yield* events.splice(0);
      }
    } catch (error) {
      if (signal?.aborted !== true) throw this.#unreachable(error);
    }
  }

  async #request(
    path: string,
    query: Query,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { token, language } = this.#options;
    const response = await fetch(this.#address(path, query), {
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(language !== undefined && { 'accept-language': language }),
      },
      signal: signal ?? null,
      redirect: 'error',
    }).catch(error => {
      throw this.#unreachable(error);
    });
    if (response.ok) return response;
    const { message } = await this.#json(response);
    throw new GatewayRefusal(String(message), response.status);
  }

  #address(path: string, query: Query): URL {
    const { url } = this.#options;
    const address = new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}/api/v1${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    return address;
  }

  async #json(response: Response): Promise<AnswerBody> {
    try {
      const body: unknown = await response.json();
      if (typeof body === 'object' && body !== null && 'code' in body) return body as AnswerBody;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw this.#unreachable(error);
    }
    throw new GatewayUnreachable(
      `what answers at ${this.#options.url.origin} (HTTP ${response.status}) is no Evergate; give its address with --url`,
    );
  }

  #unreachable(error: unknown): GatewayUnreachable {
    const { message, cause } = error as Error & { cause?: Error & { code?: string } };
    const reason = cause?.code ?? cause?.message ?? message;
    return new GatewayUnreachable(
      `the gateway at ${this.#options.url.origin} cannot be reached (${reason}); start it with "evergate serve", or give its address with --url`,
    );
  }
}
