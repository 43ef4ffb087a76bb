/** The numbers of a service, now or at a moment of its past; what is not known is left out. */
import type { LaneView, PastState, ServiceDetail, Vitals } from '../api/shapes.ts';
import { h, setText } from '../parts/dom.ts';
import { bytes, count, duration, percent } from '../parts/words.ts';

type Fact = readonly [name: string, value: string];

export class Facts {
  readonly element = h('dl', { class: 'facts' });

  /** @param vitals what was measured last; null: nothing runs, or nothing was measured @param now epoch ms */
  showPresent(detail: ServiceDetail, vitals: Vitals | null, now: number): void {
    const { type, nextType, since, restarts, failures, server } = detail;
    const { sessions, inFlight, held, pid } = vitals ?? detail;
    this.#show([
      ['Type', nextType === null ? type : `${type}, ${nextType} from the next start`],
      ['Since', duration(now - Date.parse(since))],
      ['Restarts', String(restarts)],
      failures > 0 ? ['Failures in a row', String(failures)] : null,
      ['In flight', String(inFlight)],
      held > 0 ? ['Held', String(held)] : null,
      ['Sessions', String(sessions)],
      pid === null ? null : ['PID', String(pid)],
      vitals?.rssBytes == null ? null : ['Memory', bytes(vitals.rssBytes)],
      vitals?.cpuPercent == null ? null : ['CPU', percent(vitals.cpuPercent)],
      server === null ? null : ['Server', `${server.name} ${server.version}`],
      backendFact(detail.backend),
    ]);
  }

  /** @param at epoch ms of the moment */
  showPast({ type, since, context }: PastState, at: number): void {
    const { restarts, failures } = context;
    this.#show([
      ['Type', type],
      ['Since', duration(at - Date.parse(since))],
      typeof restarts === 'number' ? ['Restarts', String(restarts)] : null,
      typeof failures === 'number' ? ['Failures in a row', String(failures)] : null,
    ]);
  }

  #show(known: readonly (Fact | null)[]): void {
    const facts = known.filter(fact => fact !== null);
    const list = this.element;
    if (list.childElementCount !== facts.length) {
      list.replaceChildren(...facts.map(() => h('div', {}, h('dt'), h('dd'))));
    }
    facts.forEach(([name, value], n) => {
      const [term, text] = list.children[n]?.children ?? [];
      if (term !== undefined) setText(term, name);
      if (text !== undefined) setText(text, value);
    });
  }
}

/** The gateway describes a backend without its secrets; how, is its own affair. */
function backendFact(backend: ServiceDetail['backend']): Fact | null {
  if (backend === null) return null;
  const { kind, ...rest } = backend;
  const words = Object.values(rest).filter(value => typeof value === 'string');
  return ['Backend', [kind, ...words].join(': ')];
}

/** `First lane, pid 4711, legacy, 2 sessions, 1 call in flight`. */
export function laneWords({ lane, pid, era, sessions, inFlight }: LaneView): string {
  return [
    lane === 0 ? 'First lane' : `Lane ${lane}`,
    ...(pid === null ? [] : [`pid ${pid}`]),
    era,
    count(sessions, 'session'),
    `${count(inFlight, 'call')} in flight`,
  ].join(', ');
}
