/** What one session is in the tables `sessions` and `sessionUses`. Writing runs inside a transaction. */
import { UnreadableRecordError } from './errors.ts';
import type { JsonObject } from './event-log.ts';
import type { LmdbFile } from './lmdb-file.ts';
import type { SessionKey, SessionUse, StoredSession } from './session-store.ts';
import { isEngineFault } from './storage-faults.ts';

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

/** Returns how many sessions there are more. */
export function writeSession(file: LmdbFile, { serviceId, id, usedAt, data }: StoredSession): number {
  const replaced = forgetSession(file, { serviceId, id });
  file.sessions.putSync([serviceId, id], { usedAt, data });
  file.sessionUses.putSync([usedAt, serviceId, id], true);
  return 1 - replaced;
}

/** Returns how many sessions there are less. */
export function forgetSession(file: LmdbFile, key: SessionKey): number {
  const stored = readIfSound(file, key);
  if (stored !== undefined) file.sessionUses.removeSync([stored.usedAt, key.serviceId, key.id]);
  return removed(file, key);
}

/**
 * Removes an entry of `sessionUses`, and its session unless that has a later one: the entry of a damaged record cannot
 * be found when the record is overwritten. Returns how many sessions there are less.
 */
export function expireSession(file: LmdbFile, { serviceId, id, usedAt }: SessionUse): number {
  const stored = readIfSound(file, { serviceId, id });
  file.sessionUses.removeSync([usedAt, serviceId, id]);
  return stored !== undefined && stored.usedAt !== usedAt ? 0 : removed(file, { serviceId, id });
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

function removed(file: LmdbFile, { serviceId, id }: SessionKey): number {
  return file.sessions.removeSync([serviceId, id]) ? 1 : 0;
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
