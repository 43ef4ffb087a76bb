/** What earlier starts of a service tell the next one: a document beside the head, good for one config. */
import type { Directly, LaunchReport } from '../backends/backend.ts';
import type { JsonObject } from '../store/event-log.ts';

/** Name of the document. */
export const LAUNCHES = 'launches';

export interface LaunchHistory extends Pick<Directly, 'lookedUpAt'> {
  /** Fingerprint of the config it is about. */
  readonly config: string | null;
}

/** That of a service that never started from this config, or whose document is damaged or no history. */
const noHistory = (config: string | null): LaunchHistory => ({ config, lookedUpAt: null });

/** What is kept, if it is about this config. */
export function historyFromJson(document: JsonObject | undefined, config: string | null): LaunchHistory {
  if (document === undefined || document.config !== config) return noHistory(config);
  const { lookedUpAt } = document;
  return { config, lookedUpAt: typeof lookedUpAt === 'number' ? lookedUpAt : null };
}

/** The history after a start that began at `now`, epoch ms, and succeeded. */
export function historyAfter(before: LaunchHistory, { ran }: LaunchReport, now: number): LaunchHistory {
  return { ...before, lookedUpAt: ran?.by === 'npx' ? now : before.lookedUpAt };
}
