/** Arguments of the commands that speak with a remote MCP server: its address, credentials, how it speaks. */
import { ConfigError } from '../../backends/config/config-error.ts';
import { parseServiceConfig } from '../../backends/config/parse-config.ts';
import type { CommonConfig, RemoteConfig } from '../../backends/config/service-config.ts';
import { processEnvironment } from '../../config.ts';
import { UsageError } from '../command.ts';
import { readFlags } from '../flags.ts';
import { asFlags } from './as-flags.ts';

export interface RemoteArguments {
  readonly config: RemoteConfig & CommonConfig;
  readonly json: boolean;
  /** How long the remote may stay silent during a handshake, in ms. */
  readonly timeoutMs: number;
}

export interface RemoteLoading {
  /** Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** The part of every help that tells how to reach the server. */
export const REMOTE_HELP = `  --header <text>     A header as "Name: value"; may be repeated.
  --token <text>      Sent as \`Authorization: Bearer\`. Default: EVERGATE_TOKEN, if <url> is at the origin of EVERGATE_URL.
  --type <text>       sse or streamable-http. Default: found out.
  --timeout-ms <ms>   Longest silence during the handshake. Default: ${DEFAULT_TIMEOUT_MS}.`;

const FLAGS = {
  header: { type: 'string', multiple: true },
  token: { type: 'string' },
  type: { type: 'string' },
  'timeout-ms': { type: 'string' },
  'allow-tools': { type: 'string' },
  'deny-tools': { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Flag = keyof typeof FLAGS;

/**
 * Reads the arguments of `evergate <command> <url>`.
 * @param taken the flags this command takes
 * @throws {UsageError} names the flag or the argument that is wrong, and the remedy; never shows a credential
 */
export function readRemoteArguments(
  command: string,
  argv: readonly string[],
  taken: readonly Flag[],
  { env = processEnvironment() }: RemoteLoading,
): RemoteArguments {
  const options = Object.fromEntries(taken.map(flag => [flag, FLAGS[flag]])) as typeof FLAGS;
  const { values, positionals } = readFlags(argv, options, 1);
  const [url] = positionals;
  if (url === undefined) throw new UsageError(`${command} needs the url of an MCP server`);
  const server = {
    url,
    headers: Object.fromEntries((values.header ?? []).map(readHeader)),
    authToken: values.token ?? tokenFor(url, env),
    type: readType(values.type),
    tools: { allow: list(values['allow-tools']), deny: list(values['deny-tools']) },
  };
  return {
    config: readConfig(server),
    json: values.json === true,
    timeoutMs: readTimeout(values['timeout-ms']),
  };
}

/** The gateway's own token goes to the gateway alone. */
function tokenFor(url: string, env: NonNullable<RemoteLoading['env']>): string | undefined {
  const { EVERGATE_URL: gateway = '', EVERGATE_TOKEN: token } = env;
  const isGateway =
    URL.canParse(url) && URL.canParse(gateway) && new URL(url).origin === new URL(gateway).origin;
  return isGateway ? token : undefined;
}

function readHeader(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at <= 0) throw new UsageError('--header must be "Name: value"');
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function readType(type: string | undefined): string | undefined {
  if (type === undefined || type === 'sse' || type === 'streamable-http') return type;
  throw new UsageError('--type must be sse or streamable-http');
}

const list = (text: string | undefined) =>
  text
    ?.split(',')
    .map(name => name.trim())
    .filter(name => name !== '');

function readTimeout(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError('--timeout-ms must be a whole number from 1 to 9999999');
}

function readConfig(server: object): RemoteConfig & CommonConfig {
  try {
    const config = parseServiceConfig(server);
    if (config.kind === 'remote') return config;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(asFlags(error.message));
    throw error;
  }
  throw new UsageError('the url must be that of a remote MCP server');
}
