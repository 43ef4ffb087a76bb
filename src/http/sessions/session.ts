/**
 * One client's session with one service. It outlives the backend: when a restart brought another lane, it
 * opens itself anew there. What belongs to it never reaches another session (invariant 8).
 */
import type { CallFailure, Lane, LaneSession, ReplySink, SessionPort } from '../../backends/backend.ts';
import type { RpcRequest } from '../../backends/rpc/json-rpc.ts';
import type { JsonObject } from '../../store/event-log.ts';
import { logLevelRequest, logLevelSink, readLogLevel } from './log-level.ts';
import type { Introduction, SessionRecord } from './record.ts';

/** Where unsolicited messages of a session go. */
export interface Outlet {
  /** False when the reader is gone or was closed because it stalled. */
  send(text: string): boolean;
  /** Closes the stream after what was sent. Idempotent. */
  end(): void;
}

const NO_CAPABILITIES: JsonObject = {};

export class Session implements SessionPort {
  readonly record: SessionRecord;
  readonly #now: () => number;
  readonly #calls = new Set<ReplySink>();
  #lane: Lane | null = null;
  #laneSession: LaneSession | null = null;
  #outlet: Outlet | null = null;
  #release: (() => void) | null = null;
  #draining = false;
  #ended = false;

  constructor(record: SessionRecord, now: () => number) {
    this.record = record;
    this.#now = now;
  }

  get id(): string {
    return this.record.id;
  }

  get capabilities(): JsonObject {
    return this.record.introduction?.capabilities ?? NO_CAPABILITIES;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** True while a stream for unsolicited messages is open. */
  get streaming(): boolean {
    return this.#outlet !== null;
  }

  /** True while a call is unanswered or a stream is open: such a session is not idle. */
  get busy(): boolean {
    return this.#outlet !== null || this.#calls.size > 0;
  }

  touch(): void {
    this.record.lastUsedAt = this.#now();
  }

  deliver(text: string): boolean {
    return this.#outlet?.send(text) ?? false;
  }

  /** Takes note of `initialize`. A lane entered before that is left, because it saw no capabilities. */
  introduce(introduction: Introduction): void {
    this.#leave('the session was initialized while the call was in flight');
    this.record.introduction = introduction;
  }

  /** This session's access to `lane`: the one it has, or a new one when the backend was restarted. */
  on(lane: Lane): LaneSession {
    if (this.#laneSession !== null && this.#lane === lane) return this.#laneSession;
    this.#leave('the backend was restarted while the call was in flight');
    const laneSession = lane.open(this);
    this.#lane = lane;
    this.#laneSession = laneSession;
    if (this.#outlet !== null) this.#release = laneSession.holdOpen();
    const { logLevel } = this.record;
    if (logLevel !== null) laneSession.request(logLevelRequest(this.id, logLevel), logLevelSink);
    return laneSession;
  }

  /**
   * Forwards one request. `sink` gets exactly one outcome even when the lane is left or the session ends first
   * (invariant 3), provided that it calls `settled` with itself after its outcome and ignores a second one.
   */
  call(lane: Lane, message: RpcRequest, sink: ReplySink): void {
    const laneSession = this.on(lane);
    if (message.method === 'logging/setLevel') {
      this.record.logLevel = readLogLevel(message.text) ?? this.record.logLevel;
    }
    this.#calls.add(sink);
    try {
      laneSession.request(message, sink);
    } catch (error) {
      this.#calls.delete(sink);
      throw error;
    }
  }

  settled(sink: ReplySink): void {
    this.#calls.delete(sink);
    this.touch();
    if (this.#draining) this.#endIdleStream();
  }

  /** Makes `outlet` the session's stream. Callers check `streaming` first. */
  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#release = this.#laneSession?.holdOpen() ?? null;
    if (this.#draining) this.#endIdleStream();
  }

  /** The stream is gone; nothing happens when it is not the session's stream any more. */
  detach(outlet: Outlet): void {
    if (this.#outlet !== outlet) return;
    this.#outlet = null;
    this.#letGo();
    this.touch();
  }

  /** The gateway is closing: the stream, which would hold the connection open, ends with the last call. */
  drain(): void {
    this.#draining = true;
    this.#endIdleStream();
  }

  /** Ends everything that is live: calls fail with `reason`, the stream closes. Idempotent. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leave(reason);
    const outlet = this.#outlet;
    this.#outlet = null;
    outlet?.end();
  }

  #endIdleStream(): void {
    if (this.#calls.size === 0) this.#outlet?.end();
  }

  #leave(reason: string): void {
    const laneSession = this.#laneSession;
    this.#lane = null;
    this.#laneSession = null;
    this.#letGo();
    laneSession?.close();
    const failure: CallFailure = { kind: 'closed', reason, delivered: true };
    for (const sink of [...this.#calls]) sink.fail(failure);
    this.#calls.clear();
  }

  #letGo(): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}
