/** What the HTTP layer may ask of the actors: the whole of it. */
import type { Lane } from '../backends/backend.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import type { JsonObject } from '../store/event-log.ts';

export type ServiceType = 'OneShot' | 'Persistent';

/** What a client brought along that makes its request an explicit start (contract §5). */
export interface StartOrder {
  readonly config: ServiceConfig;
  readonly type: ServiceType;
}

export interface Demand {
  /** null: no `x-mcp-json`, a plain request. */
  readonly order: StartOrder | null;
  /** How long this request may be held, in ms (`Prefer: wait`); null: the setting `pendingWaitMs`. */
  readonly waitMs: number | null;
  /** Aborted when the client hangs up; it then leaves the queue. */
  readonly signal: AbortSignal;
}

/** Whom a request is for, as far as it decides which of the service's lanes it needs (protocol.md, "lanes"). */
export type LaneNeed =
  /** The shared first lane: management, and sessions that are not initialized yet. */
  | { readonly kind: 'first' }
  /** A legacy session: by `isolation` and by what its client offers, the shared lane or one of its own. */
  | { readonly kind: 'session'; readonly sessionId: string; readonly offer: ClientOffer }
  /** A request of the modern era: stateless, on the shared lane that speaks it. */
  | { readonly kind: 'modern' };

/** What a client said of itself in `initialize`; a lane of its own is initialized with it. */
export interface ClientOffer {
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | null;
}

export interface ServiceStatus {
  readonly id: string;
  readonly type: ServiceType;
  /** Full path of the statechart's state, such as `Pending.Starting`. */
  readonly state: string;
  /** Epoch ms of entry into that state. */
  readonly since: number;
  /** The poller's view of the state (contract §2). */
  readonly poll: 'Ready' | 'Pending' | 'Error';
  /** Milliseconds until a retry that is coming by itself; null when none is. */
  readonly retryAfterMs: number | null;
  /** The last failure or the reason of the end, in English; null when there was none. */
  readonly lastError: string | null;
  /** Names of tools that restarts did not bring back, a few of them if they are many. */
  readonly lostTools: readonly string[];
}

/** One tool of a backend, as far as it is kept. */
export interface ListedTool {
  readonly name: string;
  /** For people; null: it has none. */
  readonly title: string | null;
  readonly description: string | null;
}

/** What a backend last listed as its tools, those that a tool filter hides included. */
export interface ToolList {
  /** Of all that was listed, schemas included; the same for equal lists whatever their order. */
  readonly hash: string;
  /** Tools that were listed; `tools` has fewer when they do not fit (`maxToolListBytes`). */
  readonly count: number;
  /** Epoch ms at which it was listed. */
  readonly at: number;
  readonly tools: readonly ListedTool[];
}

export interface Services {
  /**
   * Admits one data request by the state of its service: the lane to use, at once where it serves, else
   * after a hold. @throws {Refusal} synchronously or by rejection
   */
  admit(id: string, demand: Demand, need?: LaneNeed): Lane | Promise<Lane>;
  /** A session is over: a lane of its own is closed. Nothing happens when it had none. */
  releaseSession(id: string, sessionId: string): void;
  /** Registers if new, starts if not running, never blocks on the start (`check_status`). @throws {Refusal} */
  ensure(id: string, order: StartOrder): ServiceStatus | Promise<ServiceStatus>;
  /** Registers under a fresh id, waits for the start; when that fails nothing stays registered. @throws {Refusal} 0005 */
  add(order: StartOrder, signal: AbortSignal): Promise<ServiceStatus>;
  /** Stops and forgets; resolves when its last process is gone. Idempotent; false when there was no such service. */
  remove(id: string): Promise<boolean>;
  /** undefined: no such service. No side effect. */
  status(id: string): ServiceStatus | undefined;
  /** Read from the log, whether the service is up or not; null when it never listed any. No side effect. @throws {Refusal} 0009 the log cannot be read */
  tools(id: string): ToolList | null;
}
