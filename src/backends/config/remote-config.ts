/** Reads the config of a remote server (contract §4). */
import { ConfigError } from './config-error.ts';
import {
  type ConfigObject,
  type Field,
  fieldOf,
  join,
  MAX_TIMER_MS,
  readText,
  readTextMap,
  readWhole,
} from './config-fields.ts';
import type { RemoteConfig } from './service-config.ts';

export const MAX_HEADERS = 128;
export const MAX_VALUE_CHARS = 65_536;
const MAX_URL_CHARS = 8_192;
const MAX_CONNECT_SECS = 3_600;
const MAX_RETRIES = 1_000;
/** Up to here a bare `timeout` is read as seconds. */
const MAX_TIMEOUT_SECS = 3_600;

const STREAMABLE = new Set(['http', 'stream', 'streamablehttp', 'streamable-http', 'streamable_http']);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HAS_SCHEME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ +\S/;

/**
 * Reads a remote server. User and password in the url become an `Authorization: Basic` header, because HTTP
 * clients refuse them in an address. Of several credentials, `authToken` goes before the header and the
 * header before the url.
 * @throws {ConfigError}
 */
export function readRemote(server: ConfigObject, path: string, address: Field): RemoteConfig {
  const { url, credentials } = readAddress(address);
  const headers = readHeaders(fieldOf(server, path, 'headers'));
  const token = readToken(fieldOf(server, path, 'authToken'));
  const authorization = token ?? headers.authorization ?? credentials;
  const seconds = readWhole(fieldOf(server, path, 'connectTimeoutSecs'), 0, MAX_CONNECT_SECS);
  return {
    kind: 'remote',
    url,
    transport: readTransport(fieldOf(server, path, 'type')),
    headers: authorization === null ? headers.others : { ...headers.others, Authorization: authorization },
    timeoutMs: readTimeout(fieldOf(server, path, 'timeout')),
    connectTimeoutMs: seconds === null || seconds === 0 ? null : seconds * 1_000,
    ...readRetries(server, path),
  };
}

/** The retry fields, which are the same in a config and in its stored form. */
export function readRetries(server: ConfigObject, path: string) {
  const lowest = fieldOf(server, path, 'retryMinBackoffMs');
  const retryMinBackoffMs = readWhole(lowest, 0, MAX_TIMER_MS);
  const retryMaxBackoffMs = readWhole(fieldOf(server, path, 'retryMaxBackoffMs'), 0, MAX_TIMER_MS);
  if (
    lowest !== undefined &&
    retryMinBackoffMs !== null &&
    retryMaxBackoffMs !== null &&
    retryMinBackoffMs > retryMaxBackoffMs
  ) {
    throw new ConfigError(lowest.path, 'must not be greater than retryMaxBackoffMs');
  }
  const maxRetries = readWhole(fieldOf(server, path, 'maxRetries'), 0, MAX_RETRIES);
  return { maxRetries, retryMinBackoffMs, retryMaxBackoffMs };
}

/** What is wrong with a header's name, or null. */
export function headerNameProblem(name: string): string | null {
  return TOKEN.test(name) ? null : 'is not a header name; use letters, digits and hyphens';
}

function readAddress(field: Field): { url: string; credentials: string | null } {
  const text = readText(field, MAX_URL_CHARS).trim();
  if (text === '') throw new ConfigError(field.path, 'must not be empty');
  if (!URL.canParse(text)) throw new ConfigError(field.path, 'must be an absolute http or https URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ConfigError(field.path, 'must start with http:// or https://');
  }
  if (url.username === '' && url.password === '') return { url: url.href, credentials: null };
  // What is put together into one header could not be told apart any more.
  if (/\$(?:\{|%7B)/i.test(url.username + url.password)) {
    throw new ConfigError(
      field.path,
      'has a reference among user and password; use the header Authorization',
    );
  }
  const pair = `${decoded(url.username, field)}:${decoded(url.password, field)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, credentials: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decoded(part: string, field: Field): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError(field.path, 'has a user or password that is not percent-encoded UTF-8');
  }
}

function readHeaders(field: Field | undefined): {
  authorization: string | null;
  others: Record<string, string>;
} {
  const all = readTextMap(field, MAX_HEADERS, MAX_VALUE_CHARS, headerNameProblem);
  const at = field?.path ?? 'headers';
  const others: [string, string][] = [];
  const seen = new Set<string>();
  let authorization: string | null = null;
  for (const [name, text] of Object.entries(all)) {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw new ConfigError(join(at, name), 'is given twice in different case; keep one');
    seen.add(lower);
    const value = headerValue({ path: join(at, name), value: text });
    if (lower === 'authorization') authorization = withScheme(value);
    else others.push([name, value]);
  }
  return { authorization, others: Object.fromEntries(others) };
}

/** Whether a header can have it: HTTP knows no line breaks there, no control characters, and bytes alone. */
export const isHeaderValue = (text: string) => HEADER_VALUE.test(text);

function headerValue(field: Field): string {
  const value = readText(field, MAX_VALUE_CHARS).trim();
  if (isHeaderValue(value)) return value;
  throw new ConfigError(field.path, 'must not contain line breaks, control or non-Latin-1 characters');
}

function readToken(field: Field | undefined): string | null {
  return field === undefined ? null : withScheme(headerValue(field));
}

/** A credential without a scheme is a bearer token; an empty one is none. */
function withScheme(value: string): string | null {
  if (value === '') return null;
  return HAS_SCHEME.test(value) ? value : `Bearer ${value}`;
}

function readTransport(field: Field | undefined): RemoteConfig['transport'] {
  if (field === undefined) return 'detect';
  const type = readText(field, MAX_VALUE_CHARS).toLowerCase();
  if (type === 'sse') return 'sse';
  return STREAMABLE.has(type) ? 'streamable-http' : 'detect';
}

/**
 * `timeout` comes without a unit: some clients write seconds (30, 60, at most an hour), others ms (30000). No
 * remote is given less than 3.6 s for a request on purpose, so small numbers are seconds. 0 is none.
 */
function readTimeout(field: Field | undefined): number | null {
  const number = readWhole(field, 0, MAX_TIMER_MS);
  if (number === null || number === 0) return null;
  return number <= MAX_TIMEOUT_SECS ? number * 1_000 : number;
}
