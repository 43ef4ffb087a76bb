/** The writing end of a lane: the transport, as long as there is one. */

import { messageOf } from '../../message-of.ts';
import type { CallFailure } from '../backend.ts';
import { type Outgoing, textOf } from '../rpc/plain/message.ts';
import { type Transport, TransportFull } from '../transport.ts';
import type { CounterBook } from './counters.ts';

export class Wire {
  readonly #transport: Transport;
  readonly #counters: CounterBook;
  #lost: CallFailure | null = null;

  constructor(transport: Transport, counters: CounterBook) {
    this.#transport = transport;
    this.#counters = counters;
  }

  /** Why nothing can be sent any more; null while the backend is there. */
  get lost(): CallFailure | null {
    return this.#lost;
  }

  lose(reason: string): void {
    this.#lost ??= { kind: 'lost', reason, delivered: false };
  }

  /** Writes a request; null when it is on its way, else why it is not. */
  send(message: Outgoing, headers?: Readonly<Record<string, string>>): CallFailure | null {
    if (this.#lost !== null) return this.#lost;
    try {
      if (typeof message === 'string' || this.#transport.sendPieces === undefined)
        this.#transport.send(textOf(message), headers);
      else this.#transport.sendPieces(message);
      return null;
    } catch (error) {
      const reason = messageOf(error);
      return { kind: error instanceof TransportFull ? 'overloaded' : 'lost', reason, delivered: false };
    }
  }

  /** Writes what nobody waits for an answer to; counts it when it cannot leave. */
  post(text: string): void {
    if (this.send(text) !== null) this.#counters.dropped.notSent++;
  }
}
