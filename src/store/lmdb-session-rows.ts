/** What one session is in the tables `sessions` and `sessionUses`. Writing runs inside a transaction. */
import { UnreadableRecordError } from './errors.ts';
import type { JsonObject } from './event-log.ts';
import type { LmdbFile } from './lmdb-layout.ts';
import type { SessionKey, SessionUse, StoredSession } from './session-store.ts';
import { isEngineFault } from './storage-faults.ts';

/** Bytes of pages that one session's change may touch: a leaf of either table, twice. */
export const BYTES_PER_CHANGE = 16 * 1024;

/** How many sessions there are. */
export function countSessions({ sessions }: LmdbFile): number {
  const { entryCount } = sessions.getStats() as { readonly entryCount: number };
  return entryCount;
}

/** Ids of the sessions of a service, in key order. */
export function sessionIdsOf({ sessions }: LmdbFile, serviceId: string): string[] {
  const ids: string[] = [];
  for (const [service, id] of sessions.getKeys({ start: [serviceId, ''] })) {
    if (service !== serviceId) break;
    ids.push(id);
  }
  return ids;
}

/** @throws {UnreadableRecordError} */
export function readSession(file: LmdbFile, { serviceId, id }: SessionKey): StoredSession | undefined {
  let stored: unknown;
  try {
    stored = file.sessions.get([serviceId, id]);
  } catch (error) {
    if (isEngineFault(error)) throw error;
    throw damaged(serviceId);
  }
  if (stored === undefined) return undefined;
  const { usedAt, data } = Object(stored) as { readonly usedAt?: unknown; readonly data?: unknown };
  if (typeof usedAt !== 'number' || typeof data !== 'object' || data === null) throw damaged(serviceId);
  return { serviceId, id, usedAt, data: data as JsonObject };
}

/**
 * Returns how many sessions there are more: none when the service was removed meanwhile, for a session without one would
 * be there for whoever takes the id next.
 */
export function writeSession(file: LmdbFile, { serviceId, id, usedAt, data }: StoredSession): number {
  if (!file.heads.doesExist(serviceId)) return 0;
  const replaced = forgetSession(file, { serviceId, id });
  file.sessions.putSync([serviceId, id], { usedAt, data });
  file.sessionUses.putSync([usedAt, serviceId, id], true);
  return 1 - replaced;
}

/** Returns how many sessions there are less. */
export function forgetSession(file: LmdbFile, key: SessionKey): number {
  const stored = readIfSound(file, key);
  if (stored !== undefined) file.sessionUses.removeSync([stored.usedAt, key.serviceId, key.id]);
  return file.sessions.removeSync([key.serviceId, key.id]) ? 1 : 0;
}

/** The service is removed, and its sessions with it. */
export function forgetSessionsOf(file: LmdbFile, serviceId: string): void {
  for (const id of sessionIdsOf(file, serviceId)) forgetSession(file, { serviceId, id });
}

/**
 * Removes an entry of `sessionUses`, and its session unless that has a later one: the entry of a damaged record cannot
 * be found when the record is overwritten.
 */
export function expireSession(file: LmdbFile, { serviceId, id, usedAt }: SessionUse): void {
  const stored = readIfSound(file, { serviceId, id });
  file.sessionUses.removeSync([usedAt, serviceId, id]);
  if (stored === undefined || stored.usedAt === usedAt) file.sessions.removeSync([serviceId, id]);
}

/** The least recently used ones, before `usedBefore`. */
export function oldestUses(file: LmdbFile, usedBefore: number, limit: number): SessionUse[] {
  const uses: SessionUse[] = [];
  for (const [usedAt, serviceId, id] of file.sessionUses.getKeys({ limit })) {
    if (usedAt >= usedBefore) break;
    uses.push({ usedAt, serviceId, id });
  }
  return uses;
}

/** undefined for a record that cannot be read, too: whoever overwrites or removes it needs nothing of it. */
function readIfSound(file: LmdbFile, key: SessionKey): StoredSession | undefined {
  try {
    return readSession(file, key);
  } catch (error) {
    if (error instanceof UnreadableRecordError) return undefined;
    throw error;
  }
}

function damaged(serviceId: string): UnreadableRecordError {
  return new UnreadableRecordError(
    `a session of service ${JSON.stringify(serviceId)} is damaged: its client has to open a new one`,
  );
}
