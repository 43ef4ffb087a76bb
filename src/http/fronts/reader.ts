/** A connection as the reader of a resumable stream. */
import type { FastifyReply } from 'fastify';
import type { ResumableStream } from '../sessions/resumable-stream.ts';
import { EventStream } from './event-stream.ts';
import type { FrontContext } from './front.ts';

/** Makes a reply a reader of `stream`, which still has to be connected to it. @param onGone the stream has no reader now */
export function openReader(
  { pulse, settings }: FrontContext,
  reply: FastifyReply,
  stream: ResumableStream,
  onGone: () => void = () => {},
): EventStream {
  const reader = new EventStream(reply, pulse, settings);
  reader.onClosed(() => {
    if (stream.disconnect(reader)) onGone();
  });
  return reader;
}
