/** What a backend calls itself, as it is recorded and shown. */
import type { JsonObject } from '../store/event-log.ts';

/** Longest text that is kept, in UTF-16 units. */
const MAX_TEXT = 128;

export interface ServerName {
  readonly name: string;
  readonly version: string;
}

/** Name and version of a handshake's `serverInfo`: what is no text counts as '', what is too long is cut (invariant 10). */
export function serverNameOf({ name, version }: JsonObject): ServerName {
  return { name: textOf(name), version: textOf(version) };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : '');
