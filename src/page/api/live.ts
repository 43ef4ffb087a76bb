/**
 * The one stream of the page. It comes back by itself with backoff, asks for what was missed by the id of the last event it
 * had, and rests while nobody looks at the page. EventSource cannot send a token, so this reads the stream of a fetch.
 */
import { messageOf } from '../parts/message-of.ts';
import { Signal } from '../parts/signal.ts';
import { type Api, ApiFault } from './client.ts';
import { EventStreamReader, type StreamEvent } from './event-stream.ts';
import type { EventRecord, VitalsReport } from './shapes.ts';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** No stream; `retryAt` is epoch ms. */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryAt: number }
  /** The gateway wants a token, or has no such stream: it is not asked again by itself. */
  | { readonly kind: 'off'; readonly reason: string };

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** Silence after which the stream counts as lost: three of the gateway's keep-alive intervals. */
const SILENCE_MS = 45_000;
/** A page that nobody has seen for so long gives its stream back. */
const HIDDEN_MS = 30_000;

export class Live {
  readonly link = new Signal<Link>();
  readonly records = new Signal<EventRecord>();
  readonly vitals = new Signal<VitalsReport>();
  /** Some events are lost to this page: what it shows has to be read anew. */
  readonly gaps = new Signal<void>();
  readonly #api: Api;
  #lastId = '';
  #wasLive = false;
  #failures = 0;
  #abort: AbortController | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api) {
    this.#api = api;
    document.addEventListener('visibilitychange', () => this.#seen(document.visibilityState === 'visible'));
    addEventListener('online', () => this.connect());
  }

  /** Connects, or connects anew, now. */
  connect(): void {
    this.#end();
    this.#abort = new AbortController();
    if (this.#failures === 0) this.link.emit({ kind: 'connecting' });
    void this.#run(this.#abort.signal);
  }

  #end(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#abort?.abort();
    this.#abort = null;
  }

  #seen(visible: boolean): void {
    clearTimeout(this.#hiding);
    if (!visible) this.#hiding = setTimeout(() => this.#end(), HIDDEN_MS);
    else if (this.#abort === null) this.connect();
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      const since: Record<string, string> = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId };
      const headers = { accept: 'text/event-stream', ...since };
      this.#expectSound(signal);
      const { body } = await this.#api.request('events?vitals=1', { headers, signal });
      if (body === null) throw new Error('The stream is empty.');
      this.#failures = 0;
      this.link.emit({ kind: 'live' });
      // Without an event there was no id to go on from, and what happened in between is not told.
      if (this.#wasLive && this.#lastId === '') this.gaps.emit();
      this.#wasLive = true;
      await this.#read(body, signal);
      throw new Error('The gateway closed the stream.');
    } catch (error) {
      if (!signal.aborted) this.#lost(error);
    }
  }

  async #read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const events = new EventStreamReader();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#expectSound(signal);
      for (const event of events.read(decoder.decode(value, { stream: true }))) this.#take(event);
    }
  }

  #take({ event, data, id }: StreamEvent): void {
    if (id !== '') this.#lastId = id;
    if (event === 'record') this.records.emit(JSON.parse(data) as EventRecord);
    else if (event === 'vitals') this.vitals.emit(JSON.parse(data) as VitalsReport);
    else if (event === 'gap') this.gaps.emit();
  }

  /** A connection that broke without a word is noticed by its silence. */
  #expectSound(signal: AbortSignal): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (signal.aborted) return;
      this.#abort?.abort();
      this.#lost(new Error('The stream went silent.'));
    }, SILENCE_MS);
  }

  #lost(error: unknown): void {
    this.#end();
    const reason = messageOf(error);
    if (error instanceof ApiFault && error.status >= 400 && error.status < 500 && !error.isTooMuch) {
      this.link.emit({ kind: 'off', reason });
      return;
    }
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    const waitMs = longest * (0.5 + Math.random() / 2);
    this.#failures++;
    this.link.emit({ kind: 'lost', reason, retryAt: Date.now() + waitMs });
    this.#retry = setTimeout(() => this.connect(), waitMs);
  }
}
