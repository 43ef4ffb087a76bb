/** A service config as a document in the log, and the reference that records keep of it. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../store/event-log.ts';
import { canonicalJson } from './canonical-json.ts';
import { ConfigError } from './config-error.ts';
import { fieldOf, MAX_TIMER_MS, readChoice, readText, readTextMap, readWhole } from './config-fields.ts';
import { headerNameProblem, MAX_HEADERS, MAX_VALUE_CHARS, readRetries } from './remote-config.ts';
import type { RemoteConfig, ServiceConfig, StdioConfig } from './service-config.ts';
import { readCommon, readStdio } from './stdio-config.ts';

const FINGERPRINT_CHARS = 16;

/** The config as plain data of its own; `configFromJson` gives it back unchanged. It holds secrets. */
export function configToJson(config: ServiceConfig): JsonObject {
  const { tools, ...rest } = config;
  const copied = rest.kind === 'stdio' ? stdioCopy(rest) : remoteCopy(rest);
  const allow = tools.allow === null ? null : [...tools.allow];
  return { ...copied, tools: { allow, deny: [...tools.deny] } };
}

function stdioCopy<T extends StdioConfig>({ limits, ...config }: T) {
  const copied = { ...config, args: [...config.args], env: { ...config.env } };
  return limits === undefined ? copied : { ...copied, limits: { ...limits } };
}

function remoteCopy<T extends RemoteConfig>(config: T) {
  return { ...config, headers: { ...config.headers } };
}

/** Reads a stored config. @throws {ConfigError} it is damaged or was written by another version */
export function configFromJson(json: JsonObject): ServiceConfig {
  const at = 'stored config';
  const named = fieldOf(json, at, 'name');
  const common = readCommon(json, at, named === undefined ? null : readText(named, Number.POSITIVE_INFINITY));
  const subject = fieldOf(json, at, json.kind === 'stdio' ? 'command' : 'url');
  if (subject === undefined)
    throw new ConfigError(at, 'has neither a "command" nor a "url"; send the config again');
  if (json.kind === 'stdio') return { ...readStdio(json, at, subject), ...common };
  const transports = ['detect', 'sse', 'streamable-http'] as const;
  return {
    kind: 'remote',
    url: readText(subject, MAX_VALUE_CHARS),
    transport: readChoice(fieldOf(json, at, 'transport'), transports),
    headers: readTextMap(fieldOf(json, at, 'headers'), MAX_HEADERS, MAX_VALUE_CHARS, headerNameProblem),
    timeoutMs: readWhole(fieldOf(json, at, 'timeoutMs'), 1, MAX_TIMER_MS),
    connectTimeoutMs: readWhole(fieldOf(json, at, 'connectTimeoutMs'), 1, MAX_TIMER_MS),
    ...readRetries(json, at),
    ...common,
  };
}

/**
 * Reference of a config in records: the same for equal configs whatever the order of their keys. 16 base64url
 * characters (96 bits) of SHA-256 over its JSON with sorted keys.
 */
export function configFingerprint(config: ServiceConfig): string {
  const hash = createHash('sha256').update(canonicalJson(configToJson(config)));
  return hash.digest('base64url').slice(0, FINGERPRINT_CHARS);
}
