/** A reader of a live stream of the API, as a page or a terminal is one. */
import { onTestFinished } from 'vitest';
import { EventStreamReader } from '../../src/backends/remote/event-stream.ts';
import { EventQueue } from './event-queue.ts';

export interface LiveEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: Record<string, unknown> & { readonly seq: number };
}

export interface LiveEvents {
  readonly status: number;
  readonly headers: Headers;
  /** The next event, when it comes. */
  next(): Promise<LiveEvent>;
  /** Events that have come and were not asked for yet. */
  readonly size: number;
  /** Resolves when the stream has ended, from whichever side. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a stream; it is closed when the test is over. @param headers such as `last-event-id` */
export async function liveEvents(url: string, headers: Record<string, string> = {}): Promise<LiveEvents> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  });
  const queue = new EventQueue<LiveEvent>();
  const reader = new EventStreamReader({
    maxEventBytes: 1_000_000,
    onEvent: (type, data) => queue.push({ type, id: reader.lastEventId, data: JSON.parse(data) }),
    onOversized: () => queue.push({ type: 'oversized', id: null, data: { seq: 0 } }),
  });
  const read = async () => {
    try {
      for await (const chunk of response.body ?? []) reader.push(Buffer.from(chunk));
    } catch (error) {
      if (!abort.signal.aborted && !(error instanceof TypeError)) throw error; // TypeError: cut off
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    next: () => queue.next(),
    get size() {
      return queue.size;
    },
    ended: read(),
    close: () => abort.abort(),
  };
}
