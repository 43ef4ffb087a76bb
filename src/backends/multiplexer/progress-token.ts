/** Progress tokens as their sender wrote them. */
import { type LocatedText, valueAt } from '../rpc/places.ts';
import { MAX_ID_LENGTH } from '../rpc/text.ts';

/** The sender's `_meta.progressToken` as JSON text; null when there is none, or none that MCP allows. */
export function readToken({ text, metaProgressToken: span }: LocatedText): string | null {
  if (span === undefined) return null;
  const value = valueAt(text, span);
  if (span.end - span.start > MAX_ID_LENGTH) return null;
  if (typeof value === 'string') return JSON.stringify(value);
  // A slice would keep the whole message in memory as long as the call is under way; a number is ASCII.
  if (typeof value === 'number')
    return Buffer.from(text.slice(span.start, span.end), 'latin1').toString('latin1');
  return null;
}
