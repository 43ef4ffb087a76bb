/** The bounds of everything that could grow (invariant 10). */
import { setting, wholeNumber } from './kinds.ts';
import { bytes, count, DAY_MS, KIB, MIB } from './quantities.ts';

export const BOUNDS = {
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
