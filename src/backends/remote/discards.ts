/** Reading away the bodies of answers that nobody wants, so that their connections can be used again: within bounds (invariant 10). */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';

/** So much of one is read; past it the connection is given up. */
const MAX_BYTES = 64 * 1024;
/** So long one may take, in ms: a new connection costs less than to wait for it. */
const MAX_MS = 1_000;
/** So many are read at a time; they are connections beside those that are counted (invariant 10). */
const MOST = 256;

export class Discards {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Reads the body to its end, or ends the connection where that would take too much. */
  discard(body: IncomingMessage): void {
    // That the connection broke meanwhile changes nothing.
    body.on('error', () => body.destroy());
    if (body.destroyed) return;
    if (body.complete) body.resume();
    else if (this.#count >= MOST) body.destroy();
    else this.#readAway(body);
  }

  #readAway(body: IncomingMessage): void {
    this.#count++;
    const timer = this.#clock.setTimeout(() => body.destroy(), MAX_MS);
    let bytes = 0;
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) body.destroy();
    });
    body.once('close', () => {
      this.#count--;
      this.#clock.clearTimeout(timer);
    });
  }
}
