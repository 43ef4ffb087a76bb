/** Reads server-sent events (HTML standard, "Parsing an event stream") within bounds. */
import { LineReader } from '../stdio/lines.ts';

export interface EventStreamOptions {
  /** Longest event in bytes, as far as its data goes; a longer one is skipped and reported, the next one arrives. */
  readonly maxEventBytes: number;
  /** An event with data; `type` is `message` unless it said otherwise. */
  onEvent(type: string, data: string): void;
  onOversized(bytes: number, head: string, tail: string): void;
}

const HEAD_CHARS = 1_024;
const TAIL_CHARS = 256;
/** Room for a field's name. */
const FIELD_BYTES = 16;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
/** An id goes back to the server in a header: what cannot stand there cannot be resumed from. */
const USABLE_ID = /^[\x20-\x7e]{1,4096}$/;
/** Longest wait before a reconnect that a server may ask for, in ms. */
const LONGEST_RETRY_MS = 300_000;

export class EventStreamReader {
  readonly #options: EventStreamOptions;
  readonly #lines: LineReader;
  #type = '';
  #data: string[] = [];
  #chars = 0;
  #oversized: { bytes: number; readonly head: string; tail: string } | null = null;
  #id: string | null = null;
  #lastEventId: string | null = null;
  #retryMs: number | null = null;
  #afterReturn = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#lines = new LineReader({
      maxLineBytes: options.maxEventBytes + FIELD_BYTES,
      headChars: HEAD_CHARS + FIELD_BYTES,
      onLine: line => this.#field(line),
      onEmpty: () => this.#dispatch(),
      onOversized: (bytes, head, tail) => this.#skip(bytes, head.replace(/^data: ?/, ''), tail),
    });
  }

  /** The id of the last whole event that had one; null: none had, or the last one's cannot be sent back. */
  get lastEventId(): string | null {
    return this.#lastEventId;
  }

  /** How long the server wants a reconnect to wait, in ms; null: it did not say. */
  get retryMs(): number | null {
    return this.#retryMs;
  }

  /** What came before the end of the stream without its empty line is no event: there is no `end`. */
  push(chunk: Buffer): void {
    this.#lines.push(this.#withLineFeeds(chunk));
  }

  /** A carriage return ends a line, alone or before a line feed. */
  #withLineFeeds(chunk: Buffer): Buffer {
    if (!this.#afterReturn && !chunk.includes(CARRIAGE_RETURN)) return chunk;
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      const isSecondHalf = byte === LINE_FEED && this.#afterReturn;
      this.#afterReturn = byte === CARRIAGE_RETURN;
      if (!isSecondHalf) out[length++] = this.#afterReturn ? LINE_FEED : byte;
    }
    return out.subarray(0, length);
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const from = colon === -1 ? line.length : colon + (line[colon + 1] === ' ' ? 2 : 1);
    if (name === 'data') this.#addData(line.slice(from));
    else if (name === 'event') this.#type = line.slice(from);
    else if (name === 'id') this.#id = line.slice(from);
    else if (name === 'retry' && /^\d{1,15}$/.test(line.slice(from))) {
      this.#retryMs = Math.min(Number(line.slice(from)), LONGEST_RETRY_MS);
    }
  }

  #addData(text: string): void {
    const chars = this.#chars + text.length;
    if (this.#oversized !== null) this.#skip(text.length, '', text.slice(-TAIL_CHARS));
    else if (chars > this.#options.maxEventBytes) {
      this.#skip(text.length, [...this.#data, text].join('\n'), text.slice(-TAIL_CHARS));
    } else {
      this.#data.push(text);
      this.#chars = chars + 1;
    }
  }

  #skip(bytes: number, head: string, tail: string): void {
    this.#oversized ??= { bytes: this.#chars, head: head.slice(0, HEAD_CHARS), tail };
    this.#oversized.bytes += bytes;
    this.#oversized.tail = tail;
    this.#data = [];
  }

  #dispatch(): void {
    const [type, data, oversized, id] = [this.#type, this.#data, this.#oversized, this.#id];
    this.#type = '';
    this.#data = [];
    this.#chars = 0;
    this.#oversized = null;
    this.#id = null;
    if (id !== null) this.#lastEventId = USABLE_ID.test(id) ? id : null;
    if (oversized !== null) this.#options.onOversized(oversized.bytes, oversized.head, oversized.tail);
    else if (data.some(line => line !== '')) this.#options.onEvent(type || 'message', data.join('\n'));
  }
}
