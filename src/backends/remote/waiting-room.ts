/** Messages that the remote has not taken yet: bounded, and held back while there is no session to send them over. */
import type { RpcId } from '../rpc/json-rpc.ts';
import { TransportFull } from '../transport.ts';
import type { Outgoing } from './outgoing.ts';

export interface WaitingRoomLimits {
  /** Bytes of messages that the remote has not taken yet. */
  readonly maxQueuedBytes: number;
  /** Messages that the remote has not taken, and connections that answers come over. */
  readonly maxConnections: number;
}

export class WaitingRoom {
  readonly #limits: WaitingRoomLimits;
  readonly #admitted = new Set<Outgoing>();
  #bytes = 0;
  #kept: Outgoing[] = [];
  #shut = false;

  constructor(limits: WaitingRoomLimits) {
    this.#limits = limits;
  }

  /** True while messages are to be kept. */
  get isShut(): boolean {
    return this.#shut;
  }

  /** Counts a message, until `release`. @throws {TransportFull} a bound would be passed */
  admit(message: Outgoing, connections: number): void {
    const { maxQueuedBytes, maxConnections } = this.#limits;
    if (this.#admitted.size + connections >= maxConnections) {
      throw new TransportFull(`${maxConnections} messages are under way to the remote; try again later`);
    }
    if (this.#bytes + message.bytes > maxQueuedBytes) {
      throw new TransportFull(
        `the remote takes no messages: ${this.#bytes} bytes are waiting, ${message.bytes} more would pass the bound of ` +
          `${maxQueuedBytes} (maxQueuedBytes)`,
      );
    }
    this.#admitted.add(message);
    this.#bytes += message.bytes;
  }

  /** The message was taken, or is given up. */
  release(message: Outgoing): void {
    if (this.#admitted.delete(message)) this.#bytes -= message.bytes;
  }

  /** From now on messages are to be kept. */
  shut(): void {
    this.#shut = true;
  }

  /** Keeps an admitted message until `open`. */
  keep(message: Outgoing): void {
    this.#kept.push(message);
  }

  /** Takes a kept request out; false when it is not kept. */
  withdraw(id: RpcId): boolean {
    const request = this.#kept.find(message => message.id === id);
    if (request === undefined) return false;
    this.#kept = this.#kept.filter(message => message !== request);
    this.release(request);
    return true;
  }

  /** Messages need not be kept any more; gives those that were, in their order. */
  open(): Outgoing[] {
    const kept = this.#kept;
    this.#kept = [];
    this.#shut = false;
    return kept;
  }

  clear(): void {
    this.#kept = [];
    this.#admitted.clear();
    this.#bytes = 0;
  }
}
