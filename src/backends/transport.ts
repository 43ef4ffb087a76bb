/** A pipe to one backend that carries whole JSON-RPC messages as text. */
import type { CallFailure, LossReason } from './backend.ts';
import type { RpcId } from './rpc/json-rpc.ts';

export interface TransportEvents {
  /** One message, without its line break; not yet parsed, so it may be garbage. */
  onMessage(text: string): void;
  /** Offers a message, in UTF-8, before it is decoded; true: it was taken, and does not come by `onMessage`. */
  onBytes?(bytes: Buffer): boolean;
  /** A message longer than the bound was skipped, the connection goes on; its first 1,024 characters, its last 256 bytes. */
  onOversized(bytes: number, head: string, tail: string): void;
  /** Any byte from the backend, stderr included: a start that still moves is installing, not hung. */
  onActivity(): void;
  /**
   * One message failed alone, the connection goes on: the remote refused it, or what should have brought its answer broke.
   * `id` is the request's, as sent; null for a message that has no answer. May be told of a request that was answered.
   */
  onFailed?(id: RpcId | null, failure: CallFailure): void;
  /** A line of stderr, fit to be shown: harmless to a terminal, without secrets. */
  onStderr?(line: string): void;
  /** The backend forgot its session and got a new one: subscriptions, log level and its own requests went with the old. */
  onRenewed?(): void;
}

export interface Transport {
  /** Writes one message (no line break inside). Messages of one tick leave in one write. A pipe has no use for headers.
   * @throws {TransportGone} the backend is gone or its pipe is broken
   * @throws {TransportFull} more than the bound of bytes is waiting for a backend that does not read */
  send(text: string, headers?: Readonly<Record<string, string>>): void;
  /** As `send`, for a long message that was not decoded. Absent: it takes text only. */
  sendPieces?(pieces: readonly Buffer[]): void;
  /** Resolves once when the backend is lost or closed. Never rejects. */
  readonly gone: Promise<LossReason>;
  /** Ends the backend, the whole process tree included. Resolves when nothing of it is left. Idempotent. */
  close(): Promise<void>;
}

export class TransportGone extends Error {
  override readonly name = 'TransportGone';
}

export class TransportFull extends Error {
  override readonly name = 'TransportFull';
}
