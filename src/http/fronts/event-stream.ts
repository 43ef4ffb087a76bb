/** One response as a stream of server-sent events, to one reader, with a bounded buffer (protocol.md, "SSE hygiene"). */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { Place } from '../../collections/linked-list.ts';
import type { RequestMeters } from '../../metrics/request-meters.ts';
import type { Reader, ServerEvent } from '../sessions/resumable-stream.ts';
import type { Outlet } from '../sessions/session.ts';
import { writeHead } from './head.ts';
import type { Pulse, Pulsed } from './pulse.ts';
import type { FrontSettings } from './settings.ts';
import { abandon, closeWhenStalled, WATCHED_BYTES } from './stall.ts';

type StreamBounds = Pick<FrontSettings, 'maxBufferedBytes' | 'stallMs'>;

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
const COMMENT = ': keep-alive\n\n';

/** True when the client has gone, so that nothing written would be read. */
export function hungUp(reply: FastifyReply): boolean {
  return isGone(reply.raw, reply.request.raw.socket);
}

function isGone(raw: ServerResponse, socket: Socket | null): boolean {
  return raw.destroyed || socket?.destroyed === true;
}

function textOf({ event = 'message', id, retryMs, data }: ServerEvent): string {
  const head = `${id === undefined ? '' : `id: ${id}\n`}${retryMs === undefined ? '' : `retry: ${retryMs}\n`}`;
  return `${head}event: ${event}\ndata: ${data}\n\n`;
}

export class EventStream implements Outlet, Reader, Pulsed {
  dueAt = 0;
  beatPlace: Place<Pulsed> | null = null;
  /** Not the reply, which would be held, with its request, for as long as the stream is open. */
  readonly #raw: ServerResponse;
  readonly #socket: Socket | null;
  readonly #meters: RequestMeters;
  readonly #pulse: Pulse;
  readonly #bounds: StreamBounds;
  #onClosed: (() => void) | null = null;
  /** What was written in this turn; it leaves in one piece, for the answers to many calls often come at once. */
  #gathered = '';
  #gatheredBytes = 0;
  #isGathering = false;
  #hasBegun = false;
  /** Whether Node looks that its reader goes on reading. */
  #isWatched = false;

  /** Takes the reply over and sends the head; headers set on the reply before are kept. */
  constructor(reply: FastifyReply, pulse: Pulse, bounds: StreamBounds) {
    this.#raw = writeHead(reply, 200, STREAM_HEADERS);
    this.#socket = reply.request.raw.socket;
    this.#meters = reply.server.gateway.meters;
    this.#pulse = pulse;
    this.#bounds = bounds;
    this.#gather('');
    pulse.add(this);
  }

  get open(): boolean {
    return !this.#raw.writableEnded && !isGone(this.#raw, this.#socket);
  }

  /** Calls `run` once, when the stream has closed from either side. */
  onClosed(run: () => void): void {
    this.#onClosed = run;
    this.#raw.on('close', () => this.#closed());
  }

  send(text: string): boolean {
    return this.write({ data: text });
  }

  write(event: ServerEvent): boolean {
    return this.#write(textOf(event));
  }

  /** As one, so that none of them counts as waiting for the others to be read. */
  writeAll(events: readonly ServerEvent[]): boolean {
    return this.#write(events.map(textOf).join(''));
  }

  /** Tells how long to wait, in ms, before a reconnect. */
  retry(ms: number): void {
    this.#write(`retry: ${ms}\n\n`);
  }

  /** Resolves when the reader has taken what was written for it, or is gone. */
  drained(): Promise<void> {
    const raw = this.#raw;
    this.#send();
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
    abandon(this.#raw, this.#meters);
  }

  beat(): boolean {
    // Whoever has more to read needs no sign, and anything written would count as one of the reader.
    if (this.open && this.#watch()) return true;
    if (this.#write(COMMENT)) return true;
    this.#closed();
    return false;
  }

  end(): void {
    this.#pulse.remove(this);
    if (this.open) {
      this.#raw.end(this.#gathered);
      this.#watch();
    }
    this.#closed();
  }

  /** Has the connection closed when its reader takes nothing of what waits. False: nothing does. */
  #watch(): boolean {
    const waits = this.#raw.writableLength >= WATCHED_BYTES;
    if (waits !== this.#isWatched)
      closeWhenStalled(this.#raw, waits ? this.#bounds.stallMs : 0, this.#meters);
    this.#isWatched = waits;
    return waits;
  }

  #write(text: string): boolean {
    if (!this.open) return false;
    const bytes = Buffer.byteLength(text);
    if (this.#isTooMuch(bytes)) this.#send();
    if (this.#isTooMuch(bytes)) {
      this.abandon();
      return false;
    }
    this.#gatheredBytes += bytes;
    this.#gather(text);
    return true;
  }

  #isTooMuch(bytes: number): boolean {
    const waiting = this.#raw.writableLength + this.#gatheredBytes;
    return waiting > 0 && waiting + bytes > this.#bounds.maxBufferedBytes;
  }

  #gather(text: string): void {
    this.#gathered += text;
    if (this.#isGathering) return;
    this.#isGathering = true;
    process.nextTick(() => this.#send());
  }

  /** The head goes along with the first of it, or alone when there is nothing yet. */
  #send(): void {
    const text = this.#gathered;
    this.#gathered = '';
    this.#gatheredBytes = 0;
    this.#isGathering = false;
    if (!this.open) return;
    if (text !== '') this.#hand(Buffer.from(text));
    else if (!this.#hasBegun) this.#raw.flushHeaders();
    this.#hasBegun = true;
  }

  /** To the connection at once: by itself a response waits for the end of the turn, and would count as waiting for its reader. */
  #hand(bytes: Buffer): void {
    this.#raw.cork();
    this.#raw.write(bytes);
    this.#raw.uncork();
  }

  #closed(): void {
    this.#pulse.remove(this);
    const run = this.#onClosed;
    this.#onClosed = null;
    run?.();
  }
}
