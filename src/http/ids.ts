/** Service ids as clients may spell them (contract §2). */
import { Refusal } from '../actors/refusal.ts';

/** Longest id, in characters (Unicode code points). */
const MAX_ID_CHARACTERS = 128;

const rule = `1 to ${MAX_ID_CHARACTERS} characters, no "/", no control characters, not "." or ".."`;

/**
 * Checks an id that is already percent-decoded, as the router's parameters and JSON bodies are; it is never
 * decoded a second time, so `%252f` in a path names an id with a literal `%2f` in it.
 * @throws {Refusal} 0011, naming `mcp_id`
 */
export function readServiceId(raw: string): string {
  const fault = faultOf(raw);
  if (fault === undefined) return raw;
  throw new Refusal('0011', `mcp_id ${fault}; an id has ${rule}`);
}

function faultOf(id: string): string | undefined {
  if (id.length === 0) return 'is empty';
  if (id === '.' || id === '..') return 'is "." or ".."';
  if (
    id.length > MAX_ID_CHARACTERS &&
    (id.length > 2 * MAX_ID_CHARACTERS || [...id].length > MAX_ID_CHARACTERS)
  ) {
    return 'is too long';
  }
  if (id.includes('/')) return 'contains "/"';
  if (/\p{Cc}/u.test(id)) return 'contains a control character';
  if (/\p{Cs}/u.test(id)) return 'contains half of a surrogate pair';
  return undefined;
}
