/** The single source of every setting; flags, variables, file keys, help and documentation are made from it. */
import { authTokens } from './auth-tokens.ts';
import { BOUNDS } from './bounds.ts';
import { declaredServices } from './declared-services.ts';
import { hostNames } from './host-names.ts';
import { boolean, type Setting, setting, text, texts, wholeNumber } from './kinds.ts';
import { LIFE } from './life.ts';
import { OAUTH } from './oauth.ts';
import { OBSERVING } from './observing.ts';
import { OVERLOAD } from './overload.ts';
import { privateHosts } from './private-hosts.ts';
import { proxies } from './proxies.ts';
import { ms } from './quantities.ts';
import { SPAWNING } from './spawning.ts';
import { origins } from './urls.ts';

const FILE_ONLY = { flag: false, env: false };

const LISTENING = {
  host: setting(
    text,
    '127.0.0.1',
    'Address to listen on. Beyond loopback, authTokens or oauthIssuer are required.',
  ),
  port: setting(wholeNumber(0, 65_535), 8085, 'TCP port to listen on; 0 takes a free one.'),
  allowedHosts: setting(
    hostNames,
    [],
    'Names a Host or Origin header may have besides loopback names and `host`. A page of such a name may manage services only if its port is named, too (`name:port`; none for 80 and 443).',
    {
      shownDefault: 'none',
    },
  ),
  trustedProxies: setting(
    proxies,
    [],
    'Proxies in front of the gateway. Of a request that comes from one the client is whom it names in `X-Forwarded-For`; it is by address that wrong tokens are counted, and requests where there are no tokens. List none that passes on what clients write there.',
    { shownDefault: 'none: the address of the connection counts' },
  ),
  corsOrigins: setting(
    origins,
    [],
    'Origins whose pages may call and manage services from a browser (CORS), such as `https://app.example.com`. Add the origin of the page alone, for it may do what its user may.',
    { shownDefault: 'none' },
  ),
  authTokens: setting(
    authTokens,
    [],
    'Who may do what: `name:scopes:token`, scopes of call, manage, view joined by "+", the token plain or as `sha256:<hex>`; in a file also objects, which can name services.',
    { shownDefault: 'none: no authentication' },
  ),
  dangerouslyAllowUnauthenticated: setting(
    boolean,
    false,
    'Listen beyond loopback without authentication: whoever reaches the port can then run any command on this machine.',
  ),
  allowedPrivateHosts: setting(
    privateHosts,
    [],
    'Hosts at private addresses that remote services may be at: names, addresses, ranges such as 10.0.0.0/8; `*` is any but metadata addresses. Loopback is allowed while `host` is loopback.',
    { shownDefault: 'none' },
  ),
  compatHttp200: setting(
    boolean,
    false,
    'Answer HTTP 200 for codes 0001 to 0007, for clients of the earlier system.',
  ),
};

const FILES = {
  config: setting<string | null>(text, null, 'Settings file, JSON or YAML.', {
    shownDefault: 'none',
    sources: { file: false },
  }),
  dataDir: setting(text, './data', 'Directory of the log; relative to the working directory.'),
  mcpServers: setting(declaredServices, [], 'Services to declare, by id, in the standard format.', {
    shownDefault: 'none',
    sources: FILE_ONLY,
  }),
  mcpConfig: setting(
    texts,
    [],
    'Server files of MCP clients (Claude Desktop, Cursor, VS Code) whose servers are declared, and followed when they change.',
    { shownDefault: 'none' },
  ),
};

const CONNECTIONS = {
  headersTimeoutMs: ms(15_000, 'Time within which the head of a request must have arrived.', 1),
  receiveTimeoutMs: ms(120_000, 'Time within which a whole request must have arrived.', 1),
  keepAliveTimeoutMs: ms(72_000, 'How long an idle connection is kept for the next request.', 1),
  keepAliveMs: ms(
    15_000,
    'Silence after which a waiting POST becomes a stream, and a stream gets a comment.',
    1,
  ),
  stallMs: ms(30_000, 'After how long a reader that takes nothing of what waits for it is closed.', 1),
  streamRetryMs: ms(1_000, 'After how long a client shall resume a stream that broke.'),
  replayWindowMs: ms(
    300_000,
    'How long a stream can be resumed: one of a call after its end, the standalone one after a disconnect.',
    1,
  ),
  sessionIdleMs: ms(1_800_000, 'Idle time from which a session without stream and calls is closed.', 1),
};

/** The table in the groups of the documentation. */
export const GROUPS: readonly {
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}[] = [
  { title: 'Listening and access', settings: LISTENING },
  { title: 'OAuth', settings: OAUTH },
  { title: 'What configs may do', settings: SPAWNING },
  { title: 'Files', settings: FILES },
  { title: 'Life of a service', settings: LIFE },
  { title: 'Client connections', settings: CONNECTIONS },
  { title: 'Bounds', settings: BOUNDS },
  { title: 'Overload', settings: OVERLOAD },
  { title: 'Observing', settings: OBSERVING },
];

export const SETTINGS = {
  ...LISTENING,
  ...OAUTH,
  ...SPAWNING,
  ...FILES,
  ...LIFE,
  ...CONNECTIONS,
  ...BOUNDS,
  ...OVERLOAD,
  ...OBSERVING,
};

type Table = typeof SETTINGS;
export type SettingName = keyof Table;
/** All settings with their final values. */
export type Settings = { readonly [Name in SettingName]: Table[Name] extends Setting<infer T> ? T : never };
