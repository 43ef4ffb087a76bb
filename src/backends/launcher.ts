/**
 * Starts backends. Whatever goes wrong with a start, and whenever it is aborted: its process tree is gone before the
 * promise rejects (invariants 2, 9).
 */

import { messageOf } from '../message-of.ts';
import type { JsonObject } from '../store/event-log.ts';
import {
  type BackendLauncher,
  type Lane,
  type LaunchRequest,
  type Ran,
  type SpawnRecord,
  StartFailure,
} from './backend.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Connect, Connection } from './connect.ts';
import { HandshakeExchange } from './handshake.ts';
import { introduce } from './introduce.ts';
import { BackendLane } from './lane.ts';
import type { CounterBook } from './multiplexer/counters.ts';
import type { MultiplexerLimits } from './multiplexer/limits.ts';
import { Multiplexer } from './multiplexer/multiplexer.ts';
import type { OnFault } from './multiplexer/peers.ts';
import { Relay } from './relay.ts';
import { ownMeta } from './rpc/meta.ts';
import { isObject } from './rpc/places.ts';
import type { ConfigRules } from './rules/config-rules.ts';
import { hideSecrets, withoutSecrets } from './secrets/hide.ts';
import { type StartConfig, startConfig } from './start-config.ts';
import { StartPatience } from './start-patience.ts';
import { createToolFilter } from './tool-filter.ts';

/** Longest quotation of a backend's stderr in a failure's message, in characters. */
const LONGEST_QUOTE = 500;
/** Longest message of a failure, in characters. */
const LONGEST_FAILURE = 2_000;

export interface LauncherOptions {
  readonly connect: Connect;
  /** Version of Evergate, told to backends. */
  readonly version: string;
  /** Hears of an exception in a session's callback. */
  readonly onFault: OnFault;
  /** Client capabilities offered to backends; default none. */
  readonly capabilities?: JsonObject;
  /** Bounds of each lane; a service's own `requestTimeoutMs` goes before the one given here. */
  readonly limits?: Partial<MultiplexerLimits>;
  readonly clock?: Clock;
  /** Where all lanes count what they refuse and drop; absent: each by itself. */
  readonly counters?: CounterBook;
  /** Hears of each probe of a lane whether there was a sign of life. */
  readonly probed?: (answered: boolean) => void;
  /** What stands between a config and its start; absent: nothing. */
  readonly rules?: Pick<ConfigRules, 'resolve'>;
  /** Who takes the lines of a backend's stderr, from its start on; absent: only their tail is kept. @param lane 0: the first */
  readonly stderr?: (id: string, lane: number) => (line: string) => void;
}

export function createLauncher(options: LauncherOptions): BackendLauncher {
  return { launch: request => launch(options, request) };
}

/** One start under way. */
interface Start extends StartConfig {
  readonly request: LaunchRequest;
  readonly exchange: HandshakeExchange;
  readonly relay: Relay;
  /** Aborted, with a StartFailure as its reason, when the start is not to go on. */
  readonly stop: AbortController;
  connection: Connection | null;
}

async function launch(options: LauncherOptions, request: LaunchRequest): Promise<Lane> {
  const stop = new AbortController();
  const halt = (reason: string) => stop.abort(new StartFailure(reason));
  const onAbort = () => halt('the start was cancelled');
  if (request.signal.aborted) throw new StartFailure('the start was cancelled');
  const prepared = startConfig(request.config, options.rules);
  request.signal.addEventListener('abort', onAbort, { once: true });
  const patience = new StartPatience(options.clock ?? systemClock, request.startTimeoutMs, reason =>
    halt(`the backend did not answer initialize: ${reason}`),
  );
  const exchange = new HandshakeExchange(() => patience.moved());
  const relay = new Relay(exchange, prepared.secrets, options.stderr?.(request.id, request.lane ?? 0));
  const start: Start = { request, ...prepared, exchange, relay, stop, connection: null };
  try {
    return await bringUp(options, start);
  } catch (error) {
    await start.connection?.transport.close();
    const unspoken = error instanceof StartFailure ? error.unspoken : null;
    throw new StartFailure(describeFailure(error, start), unspoken);
  } finally {
    patience.stop();
    request.signal.removeEventListener('abort', onAbort);
  }
}

async function bringUp(options: LauncherOptions, start: Start): Promise<Lane> {
  const { request, config, secrets, exchange, relay, stop } = start;
  // Not raced: until `connect` has settled, something of the backend may exist.
  const connection = await options.connect(config, relay, stop.signal, secrets, request.directly ?? null);
  start.connection = connection;
  request.onStderr?.(connection.stderrTail);
  const { transport, spawned } = connection;
  const { version, capabilities = {}, clock = systemClock } = options;
  const { generation, lane, introduction } = request;
  const unspoken = introduction?.era === 'modern' ? introduction.era : null;
  void transport.gone.then(({ message }) =>
    stop.abort(new StartFailure(`the backend ended before it was ready: ${message}`, unspoken)),
  );
  const ran = withoutSecrets(connection.ran ?? null, secrets);
  if (spawned !== null) await unlessStopped(recordSpawn(request, spawned, ran), stop.signal);
  const first = lane === undefined;
  const introducing = { exchange, transport, clock, version, capabilities, first };
  const said = await unlessStopped(introduce(introducing, introduction), stop.signal);
  // What a backend says of itself is kept and shown.
  const { era, protocolVersion, supportedVersions, ...itself } = said;
  const handshake = { ...said, ...withoutSecrets(itself, secrets) };
  const multiplexer = new Multiplexer({
    transport,
    generation,
    ...(lane !== undefined && { lane }),
    clock,
    onFault: options.onFault,
    limits: limitsOf(options, request),
    ...(options.counters !== undefined && { counters: options.counters }),
    ...(era === 'modern' && { ownMeta: ownMeta(protocolVersion, version) }),
  });
  relay.target = multiplexer;
  exchange.handOver(multiplexer);
  if (isObject(handshake.capabilities.tools) && handshake.capabilities.tools.listChanged === true)
    multiplexer.watchTools();
  request.onLaunched?.({ ran });
  const toolFilter = createToolFilter(request.config.tools);
  const { probed } = options;
  return new BackendLane({ generation, handshake, connection, multiplexer, toolFilter, probed, secrets });
}

async function recordSpawn(
  { onSpawned }: LaunchRequest,
  spawned: SpawnRecord,
  ran: Ran | null,
): Promise<void> {
  try {
    await onSpawned(spawned, ran);
  } catch (error) {
    throw new StartFailure(`the spawned process could not be recorded: ${messageOf(error)}`);
  }
}

function limitsOf({ limits }: LauncherOptions, { config }: LaunchRequest): Partial<MultiplexerLimits> {
  const requestTimeoutMs = config.requestTimeoutMs ?? (config.kind === 'remote' ? config.timeoutMs : null);
  return requestTimeoutMs === null ? { ...limits } : { ...limits, requestTimeoutMs };
}

/** The promise's outcome, or a rejection with the signal's reason, whichever comes first. */
function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function describeFailure(error: unknown, { secrets, exchange, connection }: Start): string {
  const { garbage } = exchange;
  const noise =
    garbage === 0 ? '' : `; ${garbage} of the lines it wrote to stdout were not JSON-RPC messages`;
  const last = connection?.stderrTail().findLast(line => line.trim() !== '');
  const quote = last?.trim().slice(0, LONGEST_QUOTE) ?? '';
  const message = messageOf(error);
  // A transport's own account of its loss may have quoted it already.
  const lastWords = quote === '' || message.includes(quote) ? '' : `; last line of stderr: ${quote}`;
  return clipped(hideSecrets(message + noise + lastWords, secrets));
}

/** A backend may say as much as it likes; a failure is kept and shown. Secrets are out of it by now, so none is cut in two. */
function clipped(text: string): string {
  return text.length > LONGEST_FAILURE ? `${text.slice(0, LONGEST_FAILURE)}…` : text;
}
