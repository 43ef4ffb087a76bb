/** What is on its way into a backend's stdin. */
import type { Writable } from 'node:stream';
import { byteLength, type Outgoing } from '../rpc/plain/message.ts';
import { TransportFull, TransportGone } from '../transport.ts';

/**
 * Collects the messages of one turn of the event loop into one write, and counts the bytes the backend has
 * not read yet.
 */
export class Outbox {
  readonly #stdin: Writable;
  readonly #maxQueuedBytes: number;
  #messages: Outgoing[] = [];
  #messageBytes = 0;
  #writtenBytes = 0;
  #shut: string | null = null;

  constructor(stdin: Writable, maxQueuedBytes: number) {
    this.#stdin = stdin;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  /**
   * @throws {TransportGone} after `shut` or `finish`
   * @throws {TransportFull} the bound would be passed
   */
  send(message: Outgoing): void {
    if (this.#shut !== null) throw new TransportGone(this.#shut);
    const bytes = byteLength(message) + 1;
    const queued = this.#messageBytes + this.#writtenBytes;
    if (queued + bytes > this.#maxQueuedBytes) {
      throw new TransportFull(
        `the backend does not read its stdin: ${queued} bytes are waiting, ${bytes} more would pass the bound ` +
          `of ${this.#maxQueuedBytes} (maxQueuedBytes)`,
      );
    }
    if (this.#messages.push(message) === 1) setImmediate(() => this.#flush());
    this.#messageBytes += bytes;
  }

  /** Refuses everything from now on, for `reason`, and forgets what was not written. Only the first reason counts. */
  shut(reason: string): void {
    this.#shut ??= reason;
    this.#messages = [];
    this.#messageBytes = 0;
  }

  /** Hands what is left to the pipe, then refuses everything, for `reason`. */
  finish(reason: string): void {
    this.#flush();
    this.shut(reason);
  }

  #flush(): void {
    if (this.#messages.length === 0 || this.#shut !== null) return;
    const messages = this.#messages;
    const bytes = this.#messageBytes;
    this.#messages = [];
    this.#messageBytes = 0;
    if (messages.every(isText)) this.#write(`${messages.join('\n')}\n`, bytes);
    else this.#writePieces(messages);
  }

  /** Long messages leave as they are, in one write with what stands before and behind them. */
  #writePieces(messages: readonly Outgoing[]): void {
    this.#stdin.cork();
    for (const message of messages) {
      if (isText(message)) this.#write(`${message}\n`, Buffer.byteLength(message) + 1);
      else {
        for (const piece of message) this.#write(piece, piece.length);
        this.#write('\n', 1);
      }
    }
    this.#stdin.uncork();
  }

  #write(chunk: string | Buffer, bytes: number): void {
    this.#writtenBytes += bytes;
    // A failed write also reaches the stream's 'error' listener, which tells the transport.
    this.#stdin.write(chunk, () => {
      this.#writtenBytes -= bytes;
    });
  }
}

function isText(message: Outgoing): message is string {
  return typeof message === 'string';
}
