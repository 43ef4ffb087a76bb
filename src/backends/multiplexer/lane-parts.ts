/** The books of a lane, put together. */
import type { JsonObject } from '../../store/event-log.ts';
import type { Clock } from '../clock.ts';
import type { Transport } from '../transport.ts';
import { Calls } from './calls.ts';
import type { CounterBook } from './counters.ts';
import type { MultiplexerLimits } from './limits.ts';
import { LogLevels } from './log-levels.ts';
import { ModernRules } from './modern.ts';
import { type OnFault, Peers } from './peers.ts';
import { ServerRequests } from './server-requests.ts';
import { Stragglers } from './stragglers.ts';
import { Subscriptions } from './subscriptions.ts';
import { Wire } from './wire.ts';

/** What the sessions of a lane share. */
export interface LaneParts {
  readonly wire: Wire;
  readonly peers: Peers;
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
  readonly logLevels: LogLevels;
  readonly serverRequests: ServerRequests;
  readonly counters: CounterBook;
  /** null: the lane is of the legacy era. */
  readonly modern: ModernRules | null;
}

interface LanePartsOptions {
  readonly transport: Transport;
  readonly generation: number;
  /** Number of the lane; 0 is the first. */
  readonly lane: number;
  readonly clock: Clock;
  readonly onFault: OnFault;
  readonly limits: MultiplexerLimits;
  readonly counters: CounterBook;
  /** The `_meta` of the gateway's own messages; undefined: the lane is of the legacy era. */
  readonly ownMeta: JsonObject | undefined;
}

export function createLaneParts(options: LanePartsOptions): LaneParts {
  const { transport, generation, lane, clock, onFault, limits, counters, ownMeta } = options;
  const wire = new Wire(transport, counters);
  const peers = new Peers(clock, counters, onFault, new Stragglers(clock, limits));
  const calls = new Calls(wire, peers, counters, clock, limits, ownMeta);
  return {
    wire,
    peers,
    calls,
    subscriptions: new Subscriptions(calls, peers, counters, limits.maxSubscriptions),
    serverRequests: new ServerRequests(wire, peers, counters, clock, { ...limits, generation, lane }),
    logLevels: new LogLevels(calls),
    counters,
    modern: ownMeta === undefined ? null : new ModernRules({ wire, peers, calls, counters }),
  };
}
