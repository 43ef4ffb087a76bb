/** What is known of a session apart from its live part: plain data that could be stored as it is. */
import type { JsonObject } from '../../store/event-log.ts';
import type { StoredSession } from '../../store/session-store.ts';
import { ANYBODY } from '../auth/principal.ts';

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
  /** The principal that opened it; to all others it does not exist (invariant 8). */
  readonly owner: string;
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

/** Whose session it is, at which door of which service. */
export type SessionClaim = Pick<SessionRecord, 'serviceId' | 'front' | 'owner'>;

export function fits(record: SessionRecord, { serviceId, front, owner }: SessionClaim): boolean {
  return record.serviceId === serviceId && record.front === front && record.owner === owner;
}

/** Whether it is stored: sessions of the other front end with their stream. */
export const isDurable = ({ front }: Pick<SessionRecord, 'front'>): boolean => front === 'streamable-http';

/** Version of what is stored; older ones are upcast, a newer one is as good as no session. */
const VERSION = 2;

/** @param record of a session that `isDurable` */
export function toStored(record: SessionRecord): StoredSession {
  const { id, serviceId, owner, lastUsedAt, createdAt, introduction, logLevel, subscriptions } = record;
  const { protocolVersion, capabilities, clientInfo } = introduction ?? {};
  if (protocolVersion === undefined || capabilities === undefined || clientInfo === undefined)
    throw new Error('a session is stored only when it is initialized');
  return {
    id,
    serviceId,
    usedAt: lastUsedAt,
    data: {
      v: VERSION,
      owner,
      createdAt,
      introduction: { protocolVersion, capabilities, clientInfo },
      logLevel,
      subscriptions,
    },
  };
}

/** null for what neither this version nor an earlier one wrote. */
export function fromStored({ id, serviceId, usedAt, data }: StoredSession): SessionRecord | null {
  const { v, owner, createdAt, introduction, logLevel, subscriptions } = upcast(data);
  const sound =
    v === VERSION &&
    typeof owner === 'string' &&
    typeof createdAt === 'number' &&
    isIntroduction(introduction) &&
    (logLevel === null || typeof logLevel === 'string') &&
    Array.isArray(subscriptions) &&
    subscriptions.every(uri => typeof uri === 'string');
  if (!sound) return null;
  const front: FrontName = 'streamable-http';
  return {
    id,
    serviceId,
    front,
    owner,
    createdAt,
    lastUsedAt: usedAt,
    introduction,
    logLevel,
    subscriptions,
  };
}

/** Version 1 did not know whose a session is: it is nobody's who has to say who they are. */
function upcast(data: JsonObject): JsonObject {
  return data.v === 1 ? { ...data, v: 2, owner: ANYBODY.id } : data;
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
