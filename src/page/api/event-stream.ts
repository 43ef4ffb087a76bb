/** Reads the event-stream format (HTML Standard §9.2.6) from chunks of text. Pure state, no IO. */

export interface StreamEvent {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The stream's last id so far; empty before the first. */
  readonly id: string;
}

/** Characters of an unfinished line or event that are kept; a longer one cannot be an event of this API. */
const MAX_PENDING = 8 * 1024 * 1024;

export class EventStreamReader {
  #pending = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  /** The events that this chunk completes. @throws {Error} a line grows beyond all bounds */
  read(chunk: string): readonly StreamEvent[] {
    const text = this.#pending + chunk;
    // A CR at the end may be half of a CRLF: it stays until the next chunk.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#pending = (lines.pop() ?? '') + text.slice(end);
    if (this.#pending.length > MAX_PENDING) throw new Error('The event stream has a line without an end');
    return lines.flatMap(line => this.#take(line) ?? []);
  }

  #take(line: string): StreamEvent | null {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #finish(): StreamEvent | null {
    const data = this.#data;
    const event = this.#event || 'message';
    this.#data = [];
    this.#event = '';
    return data.length === 0 ? null : { event, data: data.join('\n'), id: this.#id };
  }
}
