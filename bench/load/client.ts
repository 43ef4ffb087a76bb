/** A client under load: so many sessions, so many connections, one call at a time on each. */
import type { CallKind } from './calls.ts';

export interface ClientOptions {
  /** Endpoint of a front, or null for a process that is talked to directly. */
  readonly url: string;
  /** Sent with every request, as lines that end with CRLF. */
  readonly headers: string;
  readonly inFlight: number;
  readonly sessions: number;
  readonly call: CallKind;
  /** What this gateway calls a tool of the backend. */
  readonly rename: (tool: string) => string;
}

export interface Client {
  /** Makes call `id` on a connection of its own; what is wrong with its answer, or null. */
  call(worker: number, id: number): Promise<string | null>;
  close(): Promise<void>;
}

/** Error texts in results are cut to that length. */
export const QUOTE = 200;
