/** The single source of every setting; flags, variables, file keys, help and documentation are made from it. */
import { availableParallelism } from 'node:os';
import { authTokens } from './auth-tokens.ts';
import { declaredServices } from './declared-services.ts';
import { boolean, choice, fraction, type Setting, setting, text, texts, wholeNumber } from './kinds.ts';
import { OAUTH } from './oauth.ts';
import { OBSERVING } from './observing.ts';
import { OVERLOAD } from './overload.ts';
import { privateHosts } from './private-hosts.ts';
import { SPAWNING } from './spawning.ts';
import { origins } from './urls.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;
/** The longest time a timer can wait, in ms. */
const MAX_MS = 2 ** 31 - 1;
const MAX_COUNT = 10_000_000;
const DAY_MS = 86_400_000;

const ms = (fallback: number, description: string, min = 0) =>
  setting(wholeNumber(min, MAX_MS), fallback, description);
const count = (fallback: number, description: string) =>
  setting(wholeNumber(1, MAX_COUNT), fallback, description);
const bytes = (fallback: number, description: string) =>
  setting(wholeNumber(1_024, 1_024 * MIB), fallback, description);
const FILE_ONLY = { flag: false, env: false };

const LISTENING = {
  host: setting(
    text,
    '127.0.0.1',
    'Address to listen on. Beyond loopback, authTokens or oauthIssuer are required.',
  ),
  port: setting(wholeNumber(0, 65_535), 8085, 'TCP port to listen on; 0 takes a free one.'),
  allowedHosts: setting(
    texts,
    [],
    'Names a Host or Origin header may have besides loopback names and `host`.',
    {
      shownDefault: 'none',
    },
  ),
  corsOrigins: setting(
    origins,
    [],
    'Origins whose pages may call from a browser (CORS), such as `https://app.example.com`. Add the origin of the page alone, for it may do what its user may.',
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

const LIFE = {
  startTimeoutMs: ms(
    60_000,
    'Longest silence of a start before it counts as hung; later starts learn their own.',
    1,
  ),
  startTimeoutMinMs: ms(20_000, 'Shortest limit that a service learns from its own earlier starts.', 1),
  startTimeoutMaxMs: ms(
    300_000,
    'Longest limit that a service learns from its own earlier starts; 0 learns none.',
  ),
  pendingWaitMs: ms(25_000, 'How long a request is held while its service starts; 0 answers at once.'),
  requestTimeoutMs: ms(300_000, 'How long a backend may take to answer a request.', 1),
  healthTtlMs: ms(5_000, 'Age of the last sign of life from which a request is preceded by a probe.'),
  probeIntervalMs: ms(20_000, 'Time between probes of a backend that is silent.', 1),
  probeTimeoutMs: ms(5_000, 'How long a probe waits for its answer.', 1),
  probeFailures: count(3, 'Unanswered probes in a row from which a service is Unhealthy.'),
  restartCooldownMs: ms(30_000, 'Wait before a restart; doubles with every consecutive failure.'),
  restartCooldownMaxMs: ms(300_000, 'Longest wait before a restart, what chance adds included.'),
  restartJitter: setting(
    fraction,
    0.1,
    'Part of a wait before a restart by which chance may lengthen it, so that services that failed together come back apart; 0 is none.',
  ),
  stableAfterMs: ms(60_000, 'Time a service must be Ready until its earlier failures are forgotten.'),
  maxStartFailures: count(10, 'Consecutive failed starts from which a Persistent service is Ended.'),
  oneShotIdleMs: ms(300_000, 'Idle time from which a OneShot service is stopped; 0 is never.'),
  persistentIdleMs: ms(0, 'Idle time from which a Persistent service is put to sleep; 0 is never.'),
  laneIdleMs: ms(
    300_000,
    'Idle time from which a backend connection of a single session is ended; 0 is never.',
  ),
  drainGraceMs: ms(10_000, 'Time that answers under way get to finish when the gateway stops.'),
  stopGraceMs: ms(5_000, 'Time between TERM and KILL when a process tree is stopped.'),
  maxConcurrentStarts: setting(
    wholeNumber(1, 1_024),
    availableParallelism(),
    'Starts that may be under way at the same time.',
    { shownDefault: 'number of cores' },
  ),
  directStart: setting(
    boolean,
    true,
    'Start what npx has installed already without npx, where there is no doubt what it would run.',
  ),
  packageMaxAgeMs: ms(
    DAY_MS,
    'Age from which npx is run all the same, to look for a newer version; a version that a config names is not looked up.',
  ),
  warmup: setting(
    choice('gated', 'lazy'),
    'gated',
    'After a restart of the gateway: start services in the background (gated) or at their first request (lazy).',
  ),
};

const BOUNDS = {
  maxServices: count(100_000, 'Registered services, those at rest included.'),
  maxConnections: count(20_000, 'Open client connections.'),
  maxSessions: count(10_000, 'Open client sessions.'),
  maxStoredSessions: count(
    20_000,
    'Client sessions kept over a restart; the least recently used goes first.',
  ),
  maxInFlight: count(10_000, 'Calls without an answer yet at one backend connection.'),
  maxSubscriptions: count(10_000, 'Subscriptions of clients at one backend connection.'),
  maxServerRequests: count(1_000, 'Requests of one backend that no client has answered yet.'),
  maxRemoteConnections: count(1_000, 'HTTP connections of one backend connection to a remote server.'),
  maxQueuedBytes: bytes(64 * MIB, 'Bytes that wait for a backend that does not read.'),
  maxWaitingCommands: count(
    10_000,
    'Commands that wait to be written to the event log while many services move at once.',
  ),
  maxHeldRequests: count(1_000, 'Requests held for the start of one service.'),
  maxLanesPerService: count(
    64,
    'Backend connections of one service: the shared one and those of single sessions.',
  ),
  maxHeaderBytes: bytes(64 * KIB, 'Size of the head of a request; `x-mcp-json` has to fit in.'),
  maxBodyBytes: bytes(20 * MIB, 'Size of a request body.'),
  maxInitializeLength: bytes(64 * KIB, 'Length of an `initialize` message in UTF-16 code units.'),
  maxMessageBytes: bytes(64 * MIB, 'Size of one message from a backend; a longer one fails alone.'),
  maxBufferedBytes: bytes(
    4 * MIB,
    'Bytes that wait for one reader of a stream; past it the reader is closed.',
  ),
  maxToolListBytes: bytes(
    256 * KIB,
    "Size of the recorded list of a service's tools; a longer one loses its descriptions, then its end.",
  ),
  maxConfigBytes: bytes(256 * KIB, 'Size of one service config.'),
  maxReplayEvents: count(256, 'Events kept of one stream, so that its client can resume it.'),
  maxReplayBytes: bytes(1 * MIB, 'Bytes kept of one stream; a larger event cannot be replayed.'),
  maxSessionReplayBytes: bytes(4 * MIB, 'Bytes kept of all streams of one session; the oldest go first.'),
  maxTotalReplayBytes: bytes(256 * MIB, 'Bytes kept of all streams; the oldest go first.'),
  stderrLines: count(200, "Last lines of a backend's stderr that are kept."),
  stderrServices: count(100, "Ended services whose backend's last lines of stderr are kept."),
  logMaxRecords: setting(wholeNumber(1_000, 1_000_000_000), 1_000_000, 'Records kept in the event log.'),
  logMaxAgeMs: setting(
    wholeNumber(0, 3_650 * DAY_MS),
    30 * DAY_MS,
    'Age from which records may go; 0 is never.',
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
