/** Which gateway a client command speaks with, and as whom. */
import { processEnvironment } from '../../config.ts';
import { UsageError } from '../command.ts';
import { type Flags, type Given, readFlags } from '../flags.ts';
import { GatewayClient } from './gateway-client.ts';

export interface ClientLoading {
  /** Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ClientArguments<T extends Flags> extends Given<T> {
  readonly client: GatewayClient;
}

const DEFAULT_URL = 'http://127.0.0.1:8085';

/** The part of every help that tells which gateway is meant. */
export const CLIENT_HELP = `  --url <url>         The gateway. Default: EVERGATE_URL, else ${DEFAULT_URL}.
  --token <text>      Sent as \`Authorization: Bearer\`. Default: EVERGATE_TOKEN, unless --url names another origin than
                      EVERGATE_URL.`;

const SHARED = { url: { type: 'string' }, token: { type: 'string' } } as const satisfies Flags;

/**
 * Reads a command's own flags, and which gateway is meant.
 * @param positionals how many arguments that are no flags it takes at most
 * @throws {UsageError} names the flag that is wrong, and the remedy
 */
export function readClientArguments<const T extends Flags>(
  argv: readonly string[],
  options: T,
  positionals: number,
  { env = processEnvironment() }: ClientLoading,
): ClientArguments<T> {
  const parsed = readFlags(argv, { ...options, ...SHARED }, positionals);
  const { url: flag, token } = parsed.values as { url?: string; token?: string };
  const url = readUrl(
    flag ?? (env.EVERGATE_URL || DEFAULT_URL),
    flag === undefined ? 'EVERGATE_URL' : '--url',
  );
  const client = new GatewayClient({
    url,
    token: token ?? ownToken(url, env),
    language: languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG),
  });
  return { client, values: parsed.values as ClientArguments<T>['values'], positionals: parsed.positionals };
}

function readUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new UsageError(`${source} must be the http or https address of a gateway, such as ${DEFAULT_URL}`);
}

/** The token of the environment goes to the gateway of the environment alone. */
function ownToken(url: URL, { EVERGATE_URL, EVERGATE_TOKEN }: NonNullable<ClientLoading['env']>) {
  const own = EVERGATE_URL || DEFAULT_URL;
  const isOwn = URL.canParse(own) && new URL(own).origin === url.origin;
  return isOwn ? EVERGATE_TOKEN || undefined : undefined;
}

/** `zh_TW.UTF-8` → `zh-TW`; undefined where none is set. */
function languageOf(locale: string | undefined): string | undefined {
  const [tag = ''] = locale?.split(/[.@]/) ?? [];
  return /^[a-z]{2,3}(?:_[A-Za-z]{2,4})*$/.test(tag) ? tag.replaceAll('_', '-') : undefined;
}
