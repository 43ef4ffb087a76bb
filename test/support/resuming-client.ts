/** A client that loses its connections and resumes: what it received of each stream, in order, and where it stands. */
import type { StreamableClient } from './mcp-client.ts';
import { type SseEvent, SseReader } from './mcp-client.ts';

/** One stream as its client sees it. */
export class FollowedStream {
  /** Texts of the events received, in order. */
  readonly received: string[] = [];
  lastId: string | null = null;
  /** True after an event that ends a call. */
  over = false;
  /** Resolves with the first id: without one there is nothing to resume from. */
  readonly begun: Promise<void>;
  #begin: () => void = () => {};
  #reader: SseReader | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor() {
    this.begun = new Promise(resolve => {
      this.#begin = resolve;
    });
  }

  /** Reads on from a response until it ends or is dropped. */
  follow(response: Response): void {
    const reader = new SseReader(response);
    this.#reader = reader;
    this.#reading = this.#read(reader);
  }

  /** Closes the connection once it can be resumed, whatever else is on its way. */
  async drop(): Promise<void> {
    await this.begun;
    const reader = this.#reader;
    this.#reader = null;
    await reader?.cancel().catch(() => 'the gateway was faster');
    await this.#reading;
  }

  async resume(client: StreamableClient): Promise<void> {
    await this.drop();
    const response = await client.get({ 'last-event-id': this.lastId ?? '' });
    if (response.status === 204) this.over = true;
    else if (response.status !== 200) throw new Error(`resume: ${response.status} ${await response.text()}`);
    else this.follow(response);
  }

  /** Resolves when the connection has ended. */
  get ended(): Promise<void> {
    return this.#reading;
  }

  async #read(reader: SseReader): Promise<void> {
    for (;;) {
      // A connection that breaks is what all this is about.
      const event = await reader.any().catch(() => undefined);
      if (event === undefined || this.#reader !== reader) return;
      this.#take(event);
    }
  }

  #take({ id, data }: SseEvent): void {
    this.lastId = id ?? this.lastId;
    if (id !== null) this.#begin();
    if (data === '') return;
    this.received.push(data);
    const message: { readonly result?: unknown; readonly error?: unknown } = JSON.parse(data);
    if (message.result !== undefined || message.error !== undefined) this.over = true;
  }
}
