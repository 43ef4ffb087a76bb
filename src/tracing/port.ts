/**
 * What the rest of the gateway knows of tracing: types alone, so that nothing of OpenTelemetry is loaded for them. Whoever
 * holds null in place of one of these traces nothing.
 */
import type { Context } from '@opentelemetry/api';
import type { LiveServices } from '../actors/live.ts';
import type { RefusalCode } from '../actors/refusal.ts';
import type { Lane } from '../backends/backend.ts';
import type { RpcRequest } from '../backends/rpc/json-rpc.ts';
import type { CallOutcome } from '../metrics/request-meters.ts';

/** Headers that tell of the client's own trace. */
export type TraceHeaders = Readonly<Record<string, string | string[] | undefined>>;

interface TracedRequest {
  readonly headers: TraceHeaders;
  /** Trace id of the request's answer and log lines; a trace that begins here has the same. */
  readonly tid: string;
  /** How long ago it arrived, in ms. */
  readonly ageMs: number;
}

export interface TracedCall extends TracedRequest {
  readonly serviceId: string;
  readonly front: 'stream' | 'sse';
  readonly message: RpcRequest;
}

/** A request to manage services. */
export interface TracedCommand extends TracedRequest {
  readonly method: string;
  /** The route's pattern, not its path. */
  readonly route: string;
  readonly serviceId: string | null;
}

/** The trace of a request: what it brings about belongs to it. */
export interface RequestTrace {
  /** The step under way. */
  readonly cause: Context;
  /** It brings about a start, for which it waits. */
  readonly startCause: Context;
  /** Takes note of the code of the answer; without a word it is 0000. */
  refused(code: RefusalCode): void;
}

/** One call, from the door to its outcome. */
export interface CallTrace extends RequestTrace {
  /** The service is asked for a lane. */
  admit(): void;
  /** It has to wait for the lane. */
  hold(): void;
  /** The lane is there. */
  admitted(): void;
  /** Begins the call of the backend. @returns the message to send in place of this one: it names the trace */
  forward(lane: Lane, message: RpcRequest): RpcRequest;
  /** @param text the backend's response; absent: there was none */
  end(outcome: CallOutcome, text?: string): void;
}

export interface CommandTrace extends RequestTrace {
  /** @param status of HTTP */
  end(status: number): void;
}

export interface Tracing {
  call(given: TracedCall): CallTrace;
  command(given: TracedCommand): CommandTrace;
  /** Takes note of how long an append took, in ms, that has just ended. */
  appended(durationMs: number): void;
  /** Traces the starts and records of services. @param cause the request that is worked on in this turn; null: none */
  follow(services: LiveServices, cause: () => RequestTrace | null): void;
  /** Sends what is not sent yet, for a few seconds at most. */
  close(): Promise<void>;
}
