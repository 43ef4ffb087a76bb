import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Draft, JsonObject } from '../../../src/store/event-log.ts';

/** A draft of an event of this type; `more` overrides what matters to a test. */
export function draft(type: string, more: Partial<Draft> = {}): Draft {
  return {
    at: 1_700_000_000_000,
    event: { type },
    to: { value: { Pending: 'Asleep' }, context: { type: 'Persistent', last: type } },
    owed: null,
    ...more,
  };
}

export function removal(): Draft {
  return draft('removed', { removed: true });
}

export function withDocuments(documents: Record<string, JsonObject | null>): Draft {
  return draft('documented', { documents });
}

/** Runs `body` with a fresh directory that is gone afterwards. */
export async function inTempDir<T>(body: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'evergate-store-'));
  try {
    return await body(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
