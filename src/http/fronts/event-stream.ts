/** One response as a stream of server-sent events, to one reader, with a bounded buffer (protocol.md, "SSE hygiene"). */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { answerHeaders } from '../plugins/trace.ts';
import type { Reader, ServerEvent } from '../sessions/resumable-stream.ts';
import type { Outlet } from '../sessions/session.ts';
import type { Pulse, Pulsed } from './pulse.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
const COMMENT = Buffer.from(': keep-alive\n\n');

/** True when the client has gone, so that nothing written would be read. */
export function hungUp(reply: FastifyReply): boolean {
  const { socket } = reply.request.raw;
  return reply.raw.destroyed || (socket !== null && socket.destroyed === true);
}

function textOf({ event = 'message', id, retryMs, data }: ServerEvent): string {
  const head = `${id === undefined ? '' : `id: ${id}\n`}${retryMs === undefined ? '' : `retry: ${retryMs}\n`}`;
  return `${head}event: ${event}\ndata: ${data}\n\n`;
}

export class EventStream implements Outlet, Reader, Pulsed {
  dueAt = 0;
  readonly #reply: FastifyReply;
  readonly #raw: ServerResponse;
  readonly #pulse: Pulse;
  readonly #maxBufferedBytes: number;
  #onClosed: (() => void) | null = null;

  /** Takes the reply over and sends the head; headers set on the reply before are kept. */
  constructor(reply: FastifyReply, pulse: Pulse, maxBufferedBytes: number) {
    this.#reply = reply;
    this.#raw = reply.raw;
    this.#pulse = pulse;
    this.#maxBufferedBytes = maxBufferedBytes;
    reply.hijack();
    reply.headers(answerHeaders(reply.request)).headers(STREAM_HEADERS);
    this.#raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
    this.#raw.flushHeaders();
    pulse.add(this);
  }

  get open(): boolean {
    return !this.#raw.writableEnded && !hungUp(this.#reply);
  }

  /** Calls `run` once, when the stream has closed from either side. */
  onClosed(run: () => void): void {
    this.#onClosed = run;
    this.#raw.once('close', () => this.#closed());
  }

  send(text: string): boolean {
    return this.write({ data: text });
  }

  write(event: ServerEvent): boolean {
    return this.#write(Buffer.from(textOf(event)));
  }

  /** As one, so that none of them counts as waiting for the others to be read. */
  writeAll(events: readonly ServerEvent[]): boolean {
    return this.#write(Buffer.from(events.map(textOf).join('')));
  }

  /** Tells how long to wait, in ms, before a reconnect. */
  retry(ms: number): void {
    this.#write(Buffer.from(`retry: ${ms}\n\n`));
  }

  /** Resolves when the reader has taken what was written for it, or is gone. */
  drained(): Promise<void> {
    const raw = this.#raw;
    if (!this.open || !raw.writableNeedDrain) return Promise.resolve();
    return new Promise(resolve => {
      const done = () => {
        raw.off('drain', done).off('close', done);
        resolve();
      };
      raw.on('drain', done).on('close', done);
    });
  }

  /** Closes the connection at once: its reader takes nothing. */
  abandon(): void {
    this.#reply.server.gateway.meters.stalledReaders++;
    this.#raw.destroy();
  }

  beat(): boolean {
    if (this.#write(COMMENT)) return true;
    this.#closed();
    return false;
  }

  end(): void {
    this.#pulse.remove(this);
    if (this.open) this.#raw.end();
    this.#closed();
  }

  #write(bytes: Buffer): boolean {
    if (!this.open) return false;
    const waiting = this.#raw.writableLength;
    if (waiting > 0 && waiting + bytes.length > this.#maxBufferedBytes) {
      this.abandon();
      return false;
    }
    this.#raw.write(bytes);
    return true;
  }

  #closed(): void {
    this.#pulse.remove(this);
    const run = this.#onClosed;
    this.#onClosed = null;
    run?.();
  }
}
