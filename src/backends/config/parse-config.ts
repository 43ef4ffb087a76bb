/**
 * From any form of service config to its normal form (contract §4). Keys nobody knows are ignored, so that a
 * config made for another client works here; a known key of the wrong type is refused.
 */
import { ConfigError } from './config-error.ts';
import { type ConfigObject, fieldOf, readFlag } from './config-fields.ts';
import { findServer, URL_KEYS } from './find-server.ts';
import { readRemote } from './remote-config.ts';
import type { ServiceConfig } from './service-config.ts';
import { readCommon, readStdio } from './stdio-config.ts';

const DEFAULT_MAX_BYTES = 256 * 1024;

export interface ParseOptions {
  /** Bound of the config, as text and in normal form, in bytes of UTF-8; default 256 KiB. */
  readonly maxBytes?: number;
}

/**
 * Parses a config that came as an object.
 * @throws {ConfigError} names the field and the remedy, never a value
 */
export function parseServiceConfig(input: unknown, options: ParseOptions = {}): ServiceConfig {
  const { server, path, name } = findServer(input);
  const config = parseServer(server, path, name);
  checkSize(JSON.stringify(config), options);
  return config;
}

/** Parses a config that came as JSON text. @throws {ConfigError} see `parseServiceConfig` */
export function parseServiceConfigText(text: string, options: ParseOptions = {}): ServiceConfig {
  checkSize(text, options);
  return parseServiceConfig(parseJson(text), options);
}

/**
 * Parses one bare server object that stands at `path` under the name `name`.
 * @throws {ConfigError}
 */
export function parseServer(server: ConfigObject, path: string, name: string | null): ServiceConfig {
  const here = path === '' ? 'config' : path;
  const command = fieldOf(server, path, 'command');
  const address = fieldOf(server, path, ...URL_KEYS);
  if (command !== undefined && address !== undefined) {
    throw new ConfigError(here, 'has both a "command" and a "url"; keep the one that is meant');
  }
  const disabled = fieldOf(server, path, 'disabled');
  if (disabled !== undefined && readFlag(disabled)) {
    throw new ConfigError(disabled.path, 'is true; a disabled server is not started: set it to false');
  }
  if (command !== undefined)
    return { ...readStdio(server, path, command), ...readCommon(server, path, name) };
  if (address !== undefined)
    return { ...readRemote(server, path, address), ...readCommon(server, path, name) };
  throw new ConfigError(here, 'has neither a "command" nor a "url"; give one');
}

function checkSize(text: string, { maxBytes = DEFAULT_MAX_BYTES }: ParseOptions): void {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new ConfigError('config', `must be at most ${maxBytes} bytes; shorten it`);
  }
}

/** The parser's own message quotes the text, which may be a secret: only a position is kept, if it has one. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    const where = position === undefined ? '' : ` at character ${position}`;
    throw new ConfigError('config', `is not valid JSON${where}; check quotes, commas and brackets`);
  }
}
