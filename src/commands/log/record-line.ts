import { statePath } from '../../actors/journal.ts';
import type { LogRecord } from '../../store/event-log.ts';

/** A record for people: `seq  time  service  event → state  reason`. */
export function recordLine({ seq, at, id, event, to }: LogRecord): string {
  const { type, reason } = event;
  const state = statePath(to);
  const why = typeof reason === 'string' ? `  ${reason}` : '';
  return `${String(seq).padStart(7)}  ${new Date(at).toISOString()}  ${id}  ${type} → ${state}${why}`;
}
