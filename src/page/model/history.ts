/** The past of one service: its records as they are known so far, oldest first. */
import type { EventRecord } from '../api/shapes.ts';
import { Signal } from '../parts/signal.ts';

/** Records that are kept of one service (invariant 10); older ones can be asked for again. */
const MAX_RECORDS = 2000;

export class History {
  readonly changed = new Signal<void>();
  #records: readonly EventRecord[] = [];
  /** Whether the oldest one here is the oldest there is. */
  #complete = false;

  get records(): readonly EventRecord[] {
    return this.#records;
  }

  get isComplete(): boolean {
    return this.#complete;
  }

  /** One that just happened; one that is known already is no news. */
  add(record: EventRecord): void {
    const last = this.#records.at(-1);
    if (last !== undefined && record.seq <= last.seq) return;
    const kept = this.#records.slice(-(MAX_RECORDS - 1));
    if (kept.length < this.#records.length) this.#complete = false;
    this.#records = [...kept, record];
    this.changed.emit();
  }

  /** What is known has a hole. */
  forget(): void {
    this.#records = [];
    this.#complete = false;
    this.changed.emit();
  }

  /** An earlier page, oldest first. @param complete nothing is before it */
  addEarlier(page: readonly EventRecord[], complete: boolean): void {
    const oldest = this.#records[0]?.seq ?? Number.POSITIVE_INFINITY;
    this.#records = [...page.filter(({ seq }) => seq < oldest), ...this.#records];
    this.#complete = complete;
    this.changed.emit();
  }
}
