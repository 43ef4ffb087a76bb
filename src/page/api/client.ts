/** The gateway's API over HTTP: envelope in, data out; a refusal is thrown with what it said. */
import { Signal } from '../parts/signal.ts';

/** Where the token is kept: until the tab is closed, and only for this gateway. */
const TOKEN_KEY = 'evergate.token';

/** A request that was refused, or that did not arrive. `message` is the gateway's own sentence, for people. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';

  constructor(
    message: string,
    /** HTTP status; 0: no answer came. */
    readonly status: number,
    /** Code of the envelope (contract §1); empty when there was none. */
    readonly code: string,
    /** When it may go better, in ms; null: the gateway did not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }

  /** The gateway has no such route: what needs it is not shown. */
  get isMissingRoute(): boolean {
    return this.code === '0010';
  }

  /** The gateway is well, but has too much to do, or this page asked for too much. */
  get isTooMuch(): boolean {
    return this.status === 429 || this.status === 503;
  }

  /** No token, or one the gateway does not know. */
  get isUnknownCaller(): boolean {
    return this.status === 401;
  }
}

interface Envelope {
  readonly code?: string;
  readonly message?: string;
  readonly data?: unknown;
}

export class Api {
  /** The gateway asks who is there. */
  readonly locked = new Signal<ApiFault>();
  /** Relative, so that the page also works below a path of a reverse proxy. */
  readonly #base = new URL('api/v1/', document.baseURI);

  get token(): string | null {
    return sessionStorage.getItem(TOKEN_KEY);
  }

  set token(token: string | null) {
    if (token === null) sessionStorage.removeItem(TOKEN_KEY);
    else sessionStorage.setItem(TOKEN_KEY, token);
  }

  url(path: string): URL {
    return new URL(path, this.#base);
  }

  get headers(): Record<string, string> {
    const { token } = this;
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** @throws {ApiFault} */
  get<T>(path: string): Promise<T> {
    return this.send('GET', path);
  }

  /** @throws {ApiFault} */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.request(path, {
      method,
      headers: { accept: 'application/json', ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return ((await response.json()) as Envelope).data as T;
  }

  /** The response of a request that succeeded, whatever its form. @throws {ApiFault} */
  async request(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...this.headers };
    const response = await fetch(this.url(path), { cache: 'no-store', ...init, headers }).catch(
      (error: unknown) => {
        if (init.signal?.aborted) throw error;
        throw new ApiFault('The gateway does not answer.', 0, '');
      },
    );
    if (response.ok) return response;
    const fault = await faultOf(response);
    if (fault.isUnknownCaller) this.locked.emit(fault);
    throw fault;
  }
}

async function faultOf(response: Response): Promise<ApiFault> {
  const { code = '', message } = await response.json().then(
    (body: unknown) => (body ?? {}) as Envelope,
    () => ({}) as Envelope,
  );
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isNaN(seconds) ? null : seconds * 1000;
  return new ApiFault(
    message ?? `The gateway answered ${response.status}.`,
    response.status,
    code,
    retryAfterMs,
  );
}

/** Path of a service in the API. */
export const servicePath = (id: string, ...rest: readonly string[]): string =>
  ['services', encodeURIComponent(id), ...rest].join('/');
