/** What is on its way into a backend's stdin. */
import type { Writable } from 'node:stream';
import { TransportFull, TransportGone } from '../transport.ts';

/**
 * Collects the messages of one turn of the event loop into one write, and counts the bytes the backend has
 * not read yet.
 */
export class Outbox {
  readonly #stdin: Writable;
  readonly #maxQueuedBytes: number;
  #messages: string[] = [];
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
  send(text: string): void {
    if (this.#shut !== null) throw new TransportGone(this.#shut);
    const bytes = Buffer.byteLength(text) + 1;
    const queued = this.#messageBytes + this.#writtenBytes;
    if (queued + bytes > this.#maxQueuedBytes) {
      throw new TransportFull(
        `the backend does not read its stdin: ${queued} bytes are waiting, ${bytes} more would pass the bound ` +
          `of ${this.#maxQueuedBytes} (maxQueuedBytes)`,
      );
    }
    if (this.#messages.push(text) === 1) setImmediate(() => this.#flush());
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
    const bytes = this.#messageBytes;
    const batch = `${this.#messages.join('\n')}\n`;
    this.#messages = [];
    this.#messageBytes = 0;
    this.#writtenBytes += bytes;
    // A failed write also reaches the stream's 'error' listener, which tells the transport.
    this.#stdin.write(batch, () => {
      this.#writtenBytes -= bytes;
    });
  }
}
