/**
 * What the actors need of a backend: to launch one, to know whether it lives, to let sessions talk to it,
 * and to end it. stdio and remote backends implement the same port.
 */
import type { JsonObject } from '../store/event-log.ts';
import type { ServiceConfig } from './config/service-config.ts';
import type { RpcError, RpcId, RpcNotification, RpcRequest, RpcResponse } from './rpc/json-rpc.ts';

/** A process of ours, told apart from a recycled pid by the kernel's start time. */
export interface SpawnRecord {
  readonly pid: number;
  /** Process group; equals `pid` because every child leads its own group. */
  readonly pgid: number;
  /** Kernel start time in clock ticks since boot (Linux, field 22 of /proc/<pid>/stat); 0 where unknown. */
  readonly startTicks: number;
}

/** What was really run for a command that names a package manager. Without arguments: they may hold secrets. */
export type Ran =
  /** The package's own command, without its package manager. */
  | { readonly by: 'node'; readonly package: string; readonly script: string }
  | { readonly by: 'npx'; readonly because: string };

/** What is known of a package when its command is to be started without its package manager. */
export interface Directly {
  /** Epoch ms at which the package manager itself last ran for this service; null: never. */
  readonly lookedUpAt: number | null;
  /** Why it had better be left to its package manager; null: nothing speaks against it so far. */
  readonly doubt: string | null;
}

/** What a launch tells of itself besides its lane. */
export interface LaunchReport {
  readonly ran: Ran | null;
}

/** The two eras of MCP: sessions begun with `initialize`, or stateless requests (2026-07-28). */
export type Era = 'legacy' | 'modern';

/** How a lane introduces itself to its backend. */
export type Introduction =
  | {
      readonly era: 'legacy';
      readonly protocolVersion: string | null;
      readonly capabilities: JsonObject;
      readonly clientInfo: JsonObject | null;
    }
  | { readonly era: 'modern' };

/** What the backend said of itself, to `initialize` or `server/discover`: enough to answer for it while it is down. */
export interface Handshake {
  readonly era: Era;
  readonly protocolVersion: string;
  /** What `server/discover` lists; absent in the legacy era. */
  readonly supportedVersions?: readonly string[];
  readonly capabilities: JsonObject;
  readonly serverInfo: JsonObject;
  readonly instructions?: string;
}

export interface LaunchRequest {
  readonly id: string;
  /** Number of this start within the service's life; late news of an earlier one is told apart by it. */
  readonly generation: number;
  readonly config: ServiceConfig;
  /** Number of the lane within this start; absent: the first. Late news of one lane is told apart from another's by it. */
  readonly lane?: number;
  /**
   * How to introduce ourselves; absent: legacy, as Evergate, with no client capabilities. A first lane (no `lane`) that
   * is to be legacy becomes modern if the backend knows no other era.
   */
  readonly introduction?: Introduction;
  /** Longest silence, in ms, before a start counts as hung; bytes on stderr or stdout prolong it (installing). */
  readonly startTimeoutMs: number;
  /** Called once with what gives the last lines of stderr, bounded, from then on and after the end. */
  readonly onStderr?: (tail: () => readonly string[]) => void;
  /** Called once the process exists. The backend is not used before it resolves (spawn is recorded). `ran`: see `Connection`. */
  readonly onSpawned: (record: SpawnRecord, ran: Ran | null) => Promise<void>;
  /** Leave to start a package's command without its package manager; absent: none. */
  readonly directly?: Directly | null;
  /** Hears of a launch that succeeded, before the promise resolves. */
  readonly onLaunched?: (report: LaunchReport) => void;
  /** Aborting ends the start and its whole process tree; the promise then rejects. */
  readonly signal: AbortSignal;
}

/** Why a start failed: `message` names the field or the cause and the remedy. The tree is gone by then. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';

  /** @param unspoken the era that the backend turned out not to speak; null: it failed otherwise */
  constructor(
    message: string,
    readonly unspoken: Era | null = null,
  ) {
    super(message);
  }
}

export interface BackendLauncher {
  /** Starts a backend and performs the MCP handshake. @throws {StartFailure} */
  launch(request: LaunchRequest): Promise<Lane>;
}

/** Why a call got no answer. `delivered` tells whether the backend may have acted on it. */
export interface CallFailure {
  /** `refused`: this call alone, by a remote that is there (an HTTP status that is no answer). */
  readonly kind: 'lost' | 'refused' | 'timeout' | 'too large' | 'overloaded' | 'closed';
  readonly reason: string;
  readonly delivered: boolean;
}

/** Where the outcome of one request goes. Exactly one of `result`, `fail` is called, once (invariant 3). */
export interface ReplySink {
  /** A notification or a server→client request that belongs to this request. `text` has no line break. */
  message(text: string): void;
  /** The JSON-RPC response, result or error, with the caller's own id. @param failed it is an error; absent: it is not */
  result(text: string, failed?: boolean): void;
  /** As `result`, for a long response that was not decoded. Absent: it takes text only. */
  resultInPieces?(pieces: readonly Buffer[], failed: boolean): void;
  fail(failure: CallFailure): void;
}

/** What a lane needs of a session: whose it is and where its unsolicited messages go. */
export interface SessionPort {
  readonly id: string;
  /** Capabilities the client offered in `initialize`; decides which server requests it can own. */
  readonly capabilities: JsonObject;
  /** Delivers outside any request; false when nobody listens (the message is then dropped and counted). */
  deliver(text: string): boolean;
}

/** One session's access to a lane. Ids, progress tokens and subscriptions are its own (invariant 8). */
export interface LaneSession {
  request(message: RpcRequest, sink: ReplySink): void;
  notify(message: RpcNotification): void;
  /** Answers a server→client request this session was asked. Unknown ids are dropped. */
  respond(message: RpcResponse): void;
  /** Cancels a request of this session towards the backend and forgets it; its sink hears nothing more. */
  abandon(id: RpcId): void;
  /** Keeps the lane busy (no idle reaping) while a stream of this session is open, until the returned call. */
  holdOpen(): () => void;
  /** Ends the session on this lane: cancels what is in flight, drops subscriptions. Idempotent. */
  close(): void;
}

export interface LossReason {
  readonly message: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** One backend connection after its handshake: one process, or one remote session. */
export interface Lane {
  readonly generation: number;
  readonly handshake: Handshake;
  readonly spawned: SpawnRecord | null;
  /** Requests without an answer, open streams, subscriptions and unanswered server requests: > 0 means busy. */
  readonly load: number;
  /** Calls of sessions that wait for their outcome. A subscription is no call. */
  readonly inFlight: number;
  /** Sessions that are open on it. */
  readonly openSessions: number;
  /** Clock time in ms of the last sign of life: any message from the backend, an error reply included. */
  readonly lastSignOfLifeAt: number;
  /** Clock time in ms at which a session last used the lane: the start or the end of a call, of a stream, of itself. */
  readonly lastUsedAt: number;
  /** Last lines of stderr, bounded. */
  readonly stderrTail: readonly string[];
  /** Grows whenever the backend's list of tools may have changed. */
  readonly toolListRevision: number;
  /** Tells `listener` of each such change, and whether the backend has told its clients itself, until the returned call. */
  onToolsChanged(listener: (announced: boolean) => void): () => void;
  open(session: SessionPort): LaneSession;
  /** Asks for a sign of life (`ping`, or `server/discover`). Resolves on any reply, an error included. @throws {Error} on silence or loss */
  probe(timeoutMs: number): Promise<void>;
  /** The gateway's own request, outside any session (`tools/list` for the record). */
  ask(method: string, params: JsonObject, timeoutMs: number): Promise<{ result?: unknown; error?: RpcError }>;
  /** Resolves, once, when the backend is lost: exit, broken pipe, remote gone. Never rejects. */
  readonly lost: Promise<LossReason>;
  /** Ends the backend: TERM, then KILL after the grace time, for the whole tree. Resolves when all are gone. Idempotent. */
  close(): Promise<void>;
}
