/** Reads one stream of server-sent events of a remote, as messages. */

import { mediaType } from './bodies.ts';
import { EventStreamReader } from './event-stream.ts';
import type { RemoteReply } from './http-client.ts';

export interface StreamListener {
  onActivity(): void;
  /** An event of type `message`. */
  onMessage(text: string): void;
  /** An event of another type. */
  onOther?(type: string, data: string): void;
  onOversized(bytes: number, head: string, tail: string): void;
}

/** How a stream ended, and where it can be taken up again. */
export interface StreamEnd {
  readonly lastEventId: string | null;
  readonly retryMs: number | null;
  /** Whether a message came, or at least an id to resume from. */
  readonly progressed: boolean;
}

export function isEventStream({ status, head }: RemoteReply): boolean {
  return status === 200 && mediaType(head) === 'text/event-stream';
}

/** Reads until the stream ends or breaks, which are the same here: what was not sent yet is still to come. */
export async function readStream(
  { body }: RemoteReply,
  maxEventBytes: number,
  listener: StreamListener,
): Promise<StreamEnd> {
  let messages = 0;
  const reader = new EventStreamReader({
    maxEventBytes,
    onEvent: (type, data) => {
      messages++;
      if (type === 'message') listener.onMessage(data);
      else listener.onOther?.(type, data);
    },
    onOversized: (bytes, head, tail) => listener.onOversized(bytes, head, tail),
  });
  await untilOver(body, chunk => {
    listener.onActivity();
    reader.push(chunk);
  });
  const { lastEventId, retryMs } = reader;
  return { lastEventId, retryMs, progressed: messages > 0 || lastEventId !== null };
}

function untilOver(body: RemoteReply['body'], take: (chunk: Buffer) => void): Promise<void> {
  return new Promise(resolve => {
    if (body.destroyed) resolve();
    body.on('data', take);
    for (const over of ['end', 'error', 'close'] as const) body.once(over, () => resolve());
  });
}
