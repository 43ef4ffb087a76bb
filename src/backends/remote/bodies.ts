/** Reading the bodies of answers, within bounds. */
import type { IncomingMessage } from 'node:http';

export interface Collected {
  /** null: it is longer than the bound; the rest was not read. */
  readonly text: string | null;
  /** Bytes read. */
  readonly bytes: number;
}

/** Collects a body of at most `maxBytes`. @throws {Error} the connection broke */
export async function collect(
  body: IncomingMessage,
  maxBytes: number,
  onBytes: () => void,
): Promise<Collected> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    onBytes();
    bytes += chunk.length;
    if (bytes > maxBytes) return { text: null, bytes };
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), bytes };
}

/** The media type without its parameters, in lower case. */
export function mediaType(head: IncomingMessage['headers']): string {
  return (head['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
