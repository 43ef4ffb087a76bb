/** What is known of a session apart from its live part: plain data that could be stored as it is. */
import type { JsonObject } from '../../store/event-log.ts';

/** The two doors a legacy session can come through; a session id is good at its own only. */
export type FrontName = 'streamable-http' | 'http+sse';

/** What a client said of itself in `initialize`, and the version that was agreed on. */
export interface Introduction {
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | null;
}

export interface SessionRecord {
  /** At least 128 random bits, visible ASCII (Streamable HTTP, "Session Management"). */
  readonly id: string;
  readonly serviceId: string;
  readonly front: FrontName;
  readonly createdAt: number;
  /** Epoch ms of the last request, the end of the last call or of the last stream. */
  lastUsedAt: number;
  /** null: opened (HTTP+SSE), but not initialized yet. */
  introduction: Introduction | null;
  /** The level of the last `logging/setLevel`; null: never set. */
  logLevel: string | null;
}
