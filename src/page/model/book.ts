/** All services as the list shows them, kept up to date by the stream. */
import type { EventRecord, Service, ServiceType, Vitals, VitalsReport } from '../api/shapes.ts';
import { Signal } from '../parts/signal.ts';
import { outermost } from './chart.ts';

/** One line of the list. Changed in place: a hundred thousand of them are not copied fifty times a second. */
export interface Row {
  readonly id: string;
  type: ServiceType;
  state: string;
  /** Epoch ms of entry into the state. */
  since: number;
  restarts: number;
  sessions: number;
  inFlight: number;
  pid: number | null;
  /** Of its process tree; null while nothing runs. */
  rssBytes: number | null;
  cpuPercent: number | null;
}

export interface Change {
  /** Ids whose line differs. */
  readonly ids: ReadonlySet<string>;
  /** Lines came or went. */
  readonly membership: boolean;
}

export class Book {
  readonly rows = new Map<string, Row>();
  /** How many services are in each outermost state. */
  readonly counts = new Map<string, number>();
  /** Told once per turn of the page, however much has changed. */
  readonly changed = new Signal<Change>();
  readonly #isFinal: (state: string) => boolean;
  readonly #schedule: (flush: () => void) => void;
  #measured: readonly Row[] = [];
  #ids = new Set<string>();
  #membership = false;
  #scheduled = false;

  /** @param schedule runs what it is given once, soon: before the next picture */
  constructor(isFinal: (state: string) => boolean, schedule: (flush: () => void) => void) {
    this.#isFinal = isFinal;
    this.#schedule = schedule;
  }

  /** Takes what the API said of a service, unless the stream was faster and knows a later state. */
  put(service: Service): void {
    const row = this.rows.get(service.id);
    if (this.#isFinal(service.state)) this.remove(service.id);
    else if (row === undefined) this.#add(service);
    else this.#renew(row, service);
  }

  #add({ id, type, state, since, restarts, sessions, inFlight, pid }: Service): void {
    const told = { id, type, state, restarts, sessions, inFlight, pid };
    this.rows.set(id, { ...told, since: Date.parse(since), rssBytes: null, cpuPercent: null });
    this.#count(state, 1);
    this.#touch(id, true);
  }

  #renew(row: Row, service: Service): void {
    const since = Date.parse(service.since);
    const { id, type, restarts, sessions, inFlight, pid } = service;
    Object.assign(row, { type, restarts, sessions, inFlight, pid });
    if (since >= row.since) this.#move(row, service.state, since);
    this.#touch(id);
  }

  /** @returns false when the page does not know the service yet */
  apply({ id, at, to }: EventRecord): boolean {
    if (this.#isFinal(to)) {
      this.remove(id);
      return true;
    }
    const row = this.rows.get(id);
    if (row === undefined) return false;
    const since = Date.parse(at);
    if (to !== row.state && since >= row.since) this.#move(row, to, since);
    this.#touch(id);
    return true;
  }

  /** What is not in the report does not run. */
  measure({ services }: VitalsReport): void {
    const running = new Set(services.map(({ id }) => id));
    for (const row of this.#measured) {
      if (running.has(row.id)) continue;
      Object.assign(row, { sessions: 0, inFlight: 0, pid: null, rssBytes: null, cpuPercent: null });
      this.#touch(row.id);
    }
    this.#measured = services.flatMap(vitals => this.#measureOne(vitals) ?? []);
  }

  remove(id: string): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    this.rows.delete(id);
    this.#count(row.state, -1);
    this.#touch(id, true);
  }

  /** Forgets all that is not in `ids`: what vanished while the page did not look. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.rows.keys()]) if (!ids.has(id)) this.remove(id);
  }

  #measureOne({ id, sessions, inFlight, pid, rssBytes, cpuPercent }: Vitals): Row | null {
    const row = this.rows.get(id);
    if (row === undefined) return null;
    Object.assign(row, { sessions, inFlight, pid, rssBytes, cpuPercent });
    this.#touch(id);
    return row;
  }

  #move(row: Row, state: string, since: number): void {
    this.#count(row.state, -1);
    row.state = state;
    row.since = since;
    this.#count(state, 1);
  }

  #count(state: string, by: number): void {
    const name = outermost(state);
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  #touch(id: string, membership = false): void {
    this.#ids.add(id);
    this.#membership ||= membership;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#flush());
  }

  #flush(): void {
    const change = { ids: this.#ids, membership: this.#membership };
    this.#ids = new Set();
    this.#membership = false;
    this.#scheduled = false;
    this.changed.emit(change);
  }
}
