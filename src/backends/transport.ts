/** A pipe to one backend that carries whole JSON-RPC messages as text. */
import type { LossReason } from './backend.ts';

export interface TransportEvents {
  /** One message, without its line break; not yet parsed, so it may be garbage. */
  onMessage(text: string): void;
  /** A message longer than the bound was skipped; `head` is its first 1,024 characters, the connection goes on. */
  onOversized(bytes: number, head: string): void;
  /** Any byte from the backend, stderr included: a start that still moves is installing, not hung. */
  onActivity(): void;
}

export interface Transport {
  /** Writes one message (no line break inside). Messages of one tick leave in one write.
   * @throws {TransportGone} the backend is gone or its pipe is broken
   * @throws {TransportFull} more than the bound of bytes is waiting for a backend that does not read */
  send(text: string): void;
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
