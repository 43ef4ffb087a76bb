/** What a transport tells, from its first word on: the handshake hears it, then the lane's multiplexer. */
import type { CallFailure } from './backend.ts';
import type { RpcId } from './rpc/json-rpc.ts';
import { hideSecrets } from './secrets/hide.ts';
import type { TransportEvents } from './transport.ts';

/** Passes a transport's events to the handshake first and to the lane's multiplexer after it. */
export class Relay implements TransportEvents {
  target: TransportEvents;
  readonly onStderr: (line: string) => void;
  readonly #secrets: readonly string[];

  constructor(
    target: TransportEvents,
    secrets: readonly string[],
    onStderr: (line: string) => void = () => {},
  ) {
    this.target = target;
    this.#secrets = secrets;
    this.onStderr = onStderr;
  }

  onMessage(text: string): void {
    this.target.onMessage(text);
  }

  onBytes(bytes: Buffer): boolean {
    return this.target.onBytes?.(bytes) ?? false;
  }

  onOversized(bytes: number, head: string, tail: string): void {
    this.target.onOversized(bytes, head, tail);
  }

  onActivity(): void {
    this.target.onActivity();
  }

  onFailed(id: RpcId | null, failure: CallFailure): void {
    const reason = hideSecrets(failure.reason, this.#secrets);
    this.target.onFailed?.(id, { ...failure, reason });
  }

  onRenewed(): void {
    this.target.onRenewed?.();
  }
}
