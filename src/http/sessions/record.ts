/** What is known of a session apart from its live part: plain data that could be stored as it is. */
import type { JsonObject } from '../../store/event-log.ts';
import type { StoredSession } from '../../store/session-store.ts';

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
  /** URIs of the resources subscribed to, oldest first; bounded (see client-settings.ts). */
  subscriptions: readonly string[];
}

/** Version of what is stored; another one is as good as no session. */
const VERSION = 1;

/** Only sessions of the Streamable HTTP front are stored: those of HTTP+SSE end with their stream. */
export function toStored(record: SessionRecord): StoredSession {
  const { id, serviceId, lastUsedAt, createdAt, introduction, logLevel, subscriptions } = record;
  const { protocolVersion, capabilities, clientInfo } = introduction ?? {};
  if (protocolVersion === undefined || capabilities === undefined || clientInfo === undefined)
    throw new Error('a session is stored only when it is initialized');
  return {
    id,
    serviceId,
    usedAt: lastUsedAt,
    data: {
      v: VERSION,
      createdAt,
      introduction: { protocolVersion, capabilities, clientInfo },
      logLevel,
      subscriptions,
    },
  };
}

/** null for what this version did not write. */
export function fromStored({ id, serviceId, usedAt, data }: StoredSession): SessionRecord | null {
  const { v, createdAt, introduction, logLevel, subscriptions } = data;
  const sound =
    v === VERSION &&
    typeof createdAt === 'number' &&
    isIntroduction(introduction) &&
    (logLevel === null || typeof logLevel === 'string') &&
    Array.isArray(subscriptions) &&
    subscriptions.every(uri => typeof uri === 'string');
  if (!sound) return null;
  const front: FrontName = 'streamable-http';
  return { id, serviceId, front, createdAt, lastUsedAt: usedAt, introduction, logLevel, subscriptions };
}

function isIntroduction(value: unknown): value is Introduction {
  if (!isObject(value)) return false;
  const { protocolVersion, capabilities, clientInfo } = value;
  return (
    typeof protocolVersion === 'string' &&
    isObject(capabilities) &&
    (clientInfo === null || isObject(clientInfo))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
