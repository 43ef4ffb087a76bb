/** What must be so after each boot, whatever the earlier life was doing when it ended. */
import type { ServiceSnapshot } from '../../src/actors/replay.ts';
import { isAtRest, statusOf } from '../../src/actors/status.ts';
import type { StatusView } from '../../src/http/status-view.ts';
import type { Knowledge } from './client.ts';
import type { Registration } from './expectations.ts';
import { configOf, fingerprintOf, KINDS } from './kinds.ts';
import type { LogBook } from './log-book.ts';

/** Time differences the clocks of two processes and a request between them may account for, in ms. */
const TOLERANCE_MS = 2000;

/** What is in the log is what clients were told, no less and no more. Notes what turned out to be there. */
export function acknowledged(log: LogBook, { expectations, journal }: Knowledge): string[] {
  const wrong: string[] = [];
  const unnamed = new Map(expectations.nameless);
  for (const id of expectations.untouched) if (!log.states.has(id)) wrong.push(`service ${id} is lost`);
  for (const [id, state] of log.states) {
    if (expectations.ids.includes(id) || expectations.untouched.has(id)) continue;
    const version = [...unnamed.keys()].find(each => hasVersion(state, journal, `added ${each}`, each));
    if (version === undefined) wrong.push(`service ${id} is there, but nobody asked for it`);
    else expectations.settle(id, { type: typeOf(state), version });
    unnamed.delete(version ?? -1);
  }
  for (const id of expectations.ids) {
    const state = log.states.get(id);
    const possible = expectations.possible(id);
    const found = possible.find(each => isThat(each, state, journal, id));
    if (found === undefined)
      wrong.push(`service ${id} is ${tell(state)}, but ${JSON.stringify(possible)} was acknowledged`);
    else expectations.settle(id, found);
  }
  return wrong;
}

function isThat(
  wanted: Registration,
  state: ServiceSnapshot | undefined,
  journal: string,
  id: string,
): boolean {
  if (wanted === null || state === undefined) return wanted === null && state === undefined;
  const names = [id, `added ${wanted.version}`];
  return (
    typeOf(state) === wanted.type && names.some(name => hasVersion(state, journal, name, wanted.version))
  );
}

const hasVersion = (state: ServiceSnapshot, journal: string, name: string, version: number) =>
  KINDS.some(kind => fingerprintOf(configOf(kind, journal, name, version)) === state.context.config);

/** The type it has, or will have at its next explicit start. */
const typeOf = ({ context }: ServiceSnapshot) => context.nextType ?? context.type;

const tell = (state: ServiceSnapshot | undefined) =>
  state === undefined ? 'not there' : JSON.stringify({ value: state.value, ...state.context });

/** replay(log) is what the API reports (invariant 6), for every service there is and every one there was. */
export async function reported(url: string, log: LogBook, ids: readonly string[]): Promise<string[]> {
  return (await Promise.all(ids.map(id => reportedOf(url, log, id)))).flat();
}

async function reportedOf(url: string, log: LogBook, id: string): Promise<string[]> {
  for (;;) {
    const before = log.headSeq(id);
    const response = await fetch(`${url}/mcp/check/status/${encodeURIComponent(id)}`);
    const { data } = (await response.json()) as { readonly data: StatusView };
    if (before !== log.headSeq(id)) continue; // it moved meanwhile
    const wrong = log.read();
    const state = log.states.get(id);
    return isReport(data, id, state)
      ? wrong
      : [...wrong, `invariant 6: ${id} is ${tell(state)}, told as ${JSON.stringify(data)}`];
  }
}

function isReport(view: StatusView, id: string, state: ServiceSnapshot | undefined): boolean {
  if (state === undefined) return view.state === null && view.status === 'Error';
  const status = statusOf(id, state, Date.now());
  const sameRetry =
    (view.retryAfterMs === null) === (status.retryAfterMs === null) &&
    Math.abs((view.retryAfterMs ?? 0) - (status.retryAfterMs ?? 0)) < TOLERANCE_MS;
  return (
    sameRetry &&
    view.state === status.state &&
    view.type === status.type &&
    view.status === status.poll &&
    view.lastError === status.lastError &&
    view.since === new Date(status.since).toISOString()
  );
}

/** Whatever ran in an earlier life was told of its end before the gateway listened (invariant 4). */
export function nothingForgotten(log: LogBook, lastSeqBefore: number): string[] {
  const told = new Set(log.since(lastSeqBefore).map(({ id }) => id));
  return [...log.states]
    .filter(([id, state]) => !told.has(id) && !isAtRest(state))
    .map(([id, state]) => `invariant 4: ${id} is left as it was: ${tell(state)}`);
}
