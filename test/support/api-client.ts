/** A client of the API, as plain as curl. */
import type { Envelope } from './http-client.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Envelope;
}

export async function api(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Envelope };
}

/** The `data` of a GET. @throws {Error} it was refused */
export async function look<T = Record<string, unknown>>(url: string, path: string): Promise<T> {
  const { body } = await api(url, 'GET', path);
  if (body.code !== '0000') throw new Error(JSON.stringify(body));
  return body.data as T;
}

/** Looks again and again until it is as wished; the test's own timeout is the bound. */
export async function until<T>(see: () => Promise<T>, wished: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await see();
    if (wished(seen)) return seen;
    await new Promise(resolve => setImmediate(resolve));
  }
}
