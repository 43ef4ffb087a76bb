/**
 * One client's session with one service. It outlives the backend: when a restart brought another lane, it
 * opens itself anew there. What belongs to it never reaches another session (invariant 8).
 */
import type { LaneNeed } from '../../actors/services.ts';
import type { CallFailure, Lane, LaneSession, ReplySink, SessionPort } from '../../backends/backend.ts';
import type { RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { LinkedList, type Place } from '../../collections/linked-list.ts';
import type { JsonObject } from '../../store/event-log.ts';
import { isSetting, onGranted, restoringRequests, settingsAfter } from './client-settings.ts';
import type { Introduction, SessionRecord } from './record.ts';
import type { SessionStreams } from './session-streams.ts';

/** Where unsolicited messages of a session go. */
export interface Outlet {
  /** False when the reader is gone or was closed because it stalled. */
  send(text: string): boolean;
  /** Closes the stream after what was sent. Idempotent. */
  end(): void;
}

/** The sink of a session's call. */
export interface SessionSink extends ReplySink {
  /** Where its call is among the session's calls. Written by the session alone. */
  callPlace: Place<SessionSink> | null;
}

export interface SessionOptions {
  readonly now: () => number;
  readonly streams: SessionStreams;
  /** Hears of changes of the record that have to survive a restart. */
  readonly onChanged?: (record: SessionRecord) => void;
}

const NO_CAPABILITIES: JsonObject = {};
const FIRST: LaneNeed = { kind: 'first' };

export class Session implements SessionPort {
  readonly record: SessionRecord;
  /** Its streams that can be resumed; on the HTTP+SSE front none begins. */
  readonly streams: SessionStreams;
  readonly #now: () => number;
  readonly #onChanged: (record: SessionRecord) => void;
  readonly #calls = new LinkedList<SessionSink>();
  #need: LaneNeed;
  #lane: Lane | null = null;
  #laneSession: LaneSession | null = null;
  #outlet: Outlet | null = null;
  #release: (() => void) | null = null;
  #draining = false;
  #ended = false;

  constructor(record: SessionRecord, { now, streams, onChanged }: SessionOptions) {
    this.record = record;
    this.streams = streams;
    this.#now = now;
    this.#onChanged = onChanged ?? (() => {});
    this.#need = needOf(record);
  }

  get id(): string {
    return this.record.id;
  }

  get capabilities(): JsonObject {
    return this.record.introduction?.capabilities ?? NO_CAPABILITIES;
  }

  /** Which of its service's lanes it needs; until it is initialized, the first. */
  get need(): LaneNeed {
    return this.#need;
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

  /** Where no stream is open but one can be resumed, that one keeps the message. */
  deliver(text: string): boolean {
    return (this.#outlet ?? this.streams.begun)?.send(text) ?? false;
  }

  /** Takes note of `initialize`. A lane entered before that is left, because it saw no capabilities. */
  introduce(introduction: Introduction): void {
    this.#leave('the session was initialized while the call was in flight');
    this.record.introduction = introduction;
    this.#need = needOf(this.record);
  }

  /** This session's access to `lane`: the one it has, or a new one when the backend was restarted. */
  on(lane: Lane): LaneSession {
    if (this.#laneSession !== null && this.#lane === lane) return this.#laneSession;
    this.#leave('the backend was restarted while the call was in flight');
    const laneSession = lane.open(this);
    this.#lane = lane;
    this.#laneSession = laneSession;
    if (this.#outlet !== null) this.#release = laneSession.holdOpen();
    for (const request of restoringRequests(this.record)) laneSession.request(request, this.#restoring());
    return laneSession;
  }

  /**
   * Forwards one request. `sink` gets exactly one outcome even when the lane is left or the session ends first
   * (invariant 3), provided that it calls `settled` with itself after its outcome and ignores a second one.
   */
  call(lane: Lane, message: RpcRequest, sink: SessionSink): void {
    const laneSession = this.on(lane);
    sink.callPlace = this.#calls.add(sink);
    try {
      laneSession.request(message, isSetting(message) ? onGranted(sink, () => this.#note(message)) : sink);
    } catch (error) {
      this.#forget(sink);
      throw error;
    }
  }

  settled(sink: SessionSink): void {
    this.#forget(sink);
    this.touch();
    if (this.#draining) this.#endIdleStream();
  }

  /** Makes `outlet` the session's stream. Callers check `streaming` first, unless it is that already. */
  attach(outlet: Outlet): void {
    if (this.#outlet === outlet) return;
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

  /** Nobody waits for the answers: a backend that refuses keeps its own settings, a lost one fails the next call. */
  #restoring(): ReplySink {
    return {
      message: text => {
        this.deliver(text);
      },
      result() {},
      fail() {},
    };
  }

  #note(message: RpcRequest): void {
    const settings = settingsAfter(this.record, message);
    if (settings === null) return;
    Object.assign(this.record, settings);
    this.#onChanged(this.record);
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
    for (const sink of this.#calls.toArray()) {
      sink.fail(failure);
      this.#forget(sink);
    }
  }

  #forget(sink: SessionSink): void {
    if (sink.callPlace === null) return;
    this.#calls.remove(sink.callPlace);
    sink.callPlace = null;
  }

  #letGo(): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}

function needOf({ id, introduction }: SessionRecord): LaneNeed {
  return introduction === null ? FIRST : { kind: 'session', sessionId: id, offer: introduction };
}
