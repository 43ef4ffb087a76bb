/** Keeps what a service's config holds in secret out of everything that is shown. */
import type { RemoteConfig, StdioConfig } from '../config/service-config.ts';

/** Shorter values are words like `true` or `info`; to hide them would make any text unreadable. */
const SHORTEST = 6;
const HIDDEN = '[hidden]';
/** Levels of a JSON value that are shown. */
const MAX_DEPTH = 100;
/** Names of arguments whose value is a secret, such as `--api-key` and `DB_PASSWORD`. */
const SECRET_NAME = /key|token|secret|passw|pwd|credential|auth|bearer|cookie|session/i;

/**
 * Everything in a config that must not be shown, longest first, in each form in which a program is likely to print it:
 * values of variables and headers, credentials and query of the URL, arguments that are named or look like secrets.
 * @param more what is known to be secret besides, such as resolved references
 */
export function secretsOf(
  config: StdioConfig | RemoteConfig,
  more: readonly string[] = [],
): readonly string[] {
  const whole =
    config.kind === 'stdio' ? inProcess(config.args, config.env) : inRequests(config.url, config.headers);
  const texts = [...whole, ...more].flatMap(partsOf).flatMap(formsOf);
  const secrets = new Set(texts.filter(text => text.length >= SHORTEST));
  return [...secrets].sort((a, b) => b.length - a.length);
}

/** The text with every secret replaced. @param secrets of `secretsOf` */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/**
 * The same for the texts in a JSON value. Names of members, numbers and all else stay, whatever the secrets are: a setting
 * such as `TIMEOUT=300000` must not break a schema's default. In place of what is nested deeper than 100 levels is null,
 * so that whoever reads it on may recurse.
 */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  return shownJson(value, occurring(value, secrets), MAX_DEPTH) as T;
}

/** Those that are in it at all, mostly none: to look for each in every text of a long list takes seconds. */
function occurring(value: unknown, secrets: readonly string[]): readonly string[] {
  try {
    const text = JSON.stringify(value) ?? '';
    return secrets.filter(secret => text.includes(inJson(secret)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return secrets; // nested too deeply to be written; the deepest of it is left out anyway
  }
}

function shownJson(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === 'string') return hideSecrets(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  const shown = (inner: unknown) => shownJson(inner, secrets, depth - 1);
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]));
}

function inProcess(args: readonly string[], env: Readonly<Record<string, string>>): string[] {
  const inArgs = args.flatMap((arg, index) => {
    const before = args[index - 1] ?? '';
    const isNamed = before.startsWith('-') && !before.includes('=') && SECRET_NAME.test(before);
    if (isNamed && !arg.startsWith('-')) return [arg];
    const [, name = '', value] = /^([^=]*)=(.*)$/s.exec(arg) ?? [];
    return value !== undefined && SECRET_NAME.test(name) ? [value] : passwordsIn(arg);
  });
  return [...inArgs, ...Object.values(env)];
}

function inRequests(url: string, headers: Readonly<Record<string, string>>): string[] {
  const { search, searchParams, pathname } = new URL(url);
  const segments = pathname.split('/').filter(looksRandom);
  const values = Object.values(headers);
  return [search.slice(1), ...searchParams.values(), ...segments, ...values, ...values.flatMap(basicPair)];
}

/** Hosted servers put keys into the path, too: what no person would have written as a name. */
function looksRandom(segment: string): boolean {
  return segment.length >= 16 && /\d/.test(segment) && /[a-z]/i.test(segment);
}

/** User and password of `Basic <base64>`. */
function basicPair(header: string): string[] {
  const encoded = /^Basic +(\S+)$/i.exec(header)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString();
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

/** Passwords of URLs such as `postgres://user:password@host/database`. */
function passwordsIn(text: string): string[] {
  const found = [...text.matchAll(/:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/g)].map(([, password = '']) => password);
  return found.flatMap(password => [password, decoded(password)]);
}

/** Each line of a secret is one, and of `Bearer <token>` the token alone; so are passwords in it. */
function partsOf(secret: string): string[] {
  return [secret, ...secret.split(/\r?\n/), ...secret.split(/\s+/), ...passwordsIn(secret)].map(part =>
    part.trim(),
  );
}

/** As itself, as in JSON, as in a URL. */
function formsOf(secret: string): string[] {
  return [secret, inJson(secret), encoded(secret)];
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // half of a surrogate pair
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
