/** What a service's state says to people, pollers and refusals. Reads the state nodes' meta; knows no state by name. */
import type { Owed } from '../store/event-log.ts';
import { statePath } from './journal.ts';
import type { Admission, NodeMeta } from './machine/admission.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import type { ServiceSnapshot } from './replay.ts';
import type { ServiceStatus } from './services.ts';

/** The admission row of a state: its leaf's, or that of the nearest ancestor that has one. */
export function admissionOf(state: ServiceSnapshot): Admission {
  const withMeta = state._nodes.filter(({ meta }) => meta !== undefined);
  const leaf = withMeta.sort((a, b) => b.path.length - a.path.length)[0];
  if (leaf === undefined) throw new Error(`State ${statePath(state)} says nothing of admission`);
  return (leaf.meta as NodeMeta).admission;
}

/** Milliseconds until the restart that is owed; null when none is. */
export function retryAfterMs(state: ServiceSnapshot, now: number): number | null {
  const { dueAt } = state.context;
  return dueAt === null ? null : Math.max(0, dueAt - now);
}

export function statusOf(id: string, state: ServiceSnapshot, now: number): ServiceStatus {
  return {
    id,
    type: state.context.type,
    state: statePath(state),
    since: state.context.since,
    poll: admissionOf(state).poll,
    retryAfterMs: retryAfterMs(state, now),
    lastError: state.context.incident?.reason ?? null,
    lostTools: state.context.lostTools,
  };
}

/** How soon trying again can help while a start is under way, in ms. */
const START_RETRY_MS = 1000;

const NO_CONFIG = 'there is no stored config to restart it from: send one with x-mcp-json';

/** The refusal with a code, with the reason and the time the state gives. */
export function refusalOf(code: RefusalCode, id: string, state: ServiceSnapshot, now: number): Refusal {
  const happened = state.context.incident?.reason ?? `service ${id} is ${statePath(state)}`;
  const reason = code === '0004' ? `${happened}; ${NO_CONFIG}` : happened;
  const waitMs = retryAfterMs(state, now) ?? (code === '0003' ? START_RETRY_MS : null);
  return new Refusal(code, reason, waitMs);
}

/** Nothing of this service is in memory or in the world: it is its head record, and a due time if it has one. */
export function isAtRest(state: ServiceSnapshot): boolean {
  return state.hasTag('at rest') && state.context.processes.length === 0;
}

/** What the index of debts says of a state (read at boot). */
export function owedOf(state: ServiceSnapshot): Owed | null {
  const { dueAt } = state.context;
  if (!isAtRest(state)) return { running: true, dueAt };
  return dueAt === null ? null : { running: false, dueAt };
}
