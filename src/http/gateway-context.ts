/** What the app's plugins share: settings that every answer depends on, and whether the gateway is closing. */
import type { ServerResponse } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import type { RequestMeters } from '../metrics/request-meters.ts';
import type { CallTrace, CommandTrace, Tracing } from '../tracing/port.ts';
import type { Expiries } from './auth/expiries.ts';
import type { Principal, Scope } from './auth/principal.ts';
import type { CurrentRequest } from './current-request.ts';
import type { BodyBudget } from './overload/body-budget.ts';
import type { RefusalLog } from './refusal-log.ts';

/** How many sessions there are. */
export interface SessionFigures {
  /** Open ones. */
  readonly sessions: number;
  /** Those that would survive a restart. */
  readonly storedSessions: number;
}

export interface GatewayContext {
  readonly compatHttp200: boolean;
  readonly maxBodyBytes: number;
  readonly maxConfigBytes: number;
  /** Monotonic time in ms, with fractions. */
  readonly now: () => number;
  /** The gateway's log. Fastify has none: with one, it makes a child and two listeners for every request. */
  readonly log: FastifyBaseLogger;
  readonly meters: RequestMeters;
  readonly refusalLog: RefusalLog;
  readonly current: CurrentRequest;
  /** null: nothing is traced. */
  readonly tracing: Tracing | null;
  /** What ends when its token does. */
  readonly expiries: Expiries;
  /** Memory for bodies of requests. */
  readonly bodies: BodyBudget;
  /** null until the fronts are registered. */
  fronts: SessionFigures | null;
  /** Set once, when the server begins to close: new work is refused, connections end with their answer. */
  draining: boolean;
  /** Called when the time of the drain is over: what is still under way gets its outcome before connections are cut. */
  readonly lastCall: Set<() => void>;
}

declare module 'fastify' {
  interface FastifyInstance {
    gateway: GatewayContext;
  }
  interface FastifyRequest {
    /** `GatewayContext.now()` at arrival; undefined for a request that was refused before routing. */
    receivedAtMs: number | undefined;
    /** The response of this request; what tells of a client that hung up. */
    response: ServerResponse | undefined;
    /** The trace of the call it brings; null: there is none. */
    callTrace: CallTrace | null;
    /** The trace of what it does to services; null: there is none. */
    commandTrace: CommandTrace | null;
    /** Who makes the request; null on `open` routes, and until that is known. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** The scope a route needs (contract §6); `open` needs no token. Absent: `call` on data routes, else `manage`. */
    scope?: Scope | 'open';
    /** Without an `id` in its path, but it keeps to the caller's services by itself; else those with a list of services are refused. */
    confined?: true;
  }
}
