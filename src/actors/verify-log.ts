/** Invariant 6 for a whole log: every record is folded, every head, debt and config is compared with what it should be. */
import { UnreadableRecordError } from '../store/errors.ts';
import type { EventLog, LogRecord } from '../store/event-log.ts';
import { foldOn, type ServiceSnapshot, sameState } from './replay.ts';
import { serviceProblem } from './verify-service.ts';

/** Something in the log that is not as it should be. */
export interface Problem {
  readonly id: string | null;
  readonly seq: number | null;
  readonly reason: string;
}

export interface VerifyProgress {
  readonly step: 'records' | 'services';
  readonly done: number;
  readonly total: number;
}

export interface VerifyReport {
  readonly records: number;
  readonly services: number;
  /** At most `MAX_PROBLEMS` of them. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

const MAX_PROBLEMS = 1000;
/** Records, or services, looked at between two yields. */
const SLICE = 1000;
/** States of services kept at hand; those of others are read again when they are needed. */
const MAX_AT_HAND = 5000;

/**
 * Verifies the log up to its present end, while a gateway appends to it and prunes it or not. Yields after each slice;
 * what a slice reads must be of one moment, so that the caller may let the event loop turn between two, not within one.
 * @throws {StorageError} the log cannot be read
 */
export function* verifyLog(log: EventLog): Generator<VerifyProgress, VerifyReport> {
  const run = new Verification(log);
  yield* run.records();
  yield* run.services();
  return run.report();
}

class Verification {
  readonly #log: EventLog;
  readonly #end: number;
  readonly #problems: Problem[] = [];
  #problemCount = 0;
  #records = 0;
  #services = 0;
  /** The first divergence of each service, until a record says that it was ended for that. */
  readonly #divergences = new Map<string, Problem>();
  /** `seq` of the last record of each service that is not removed. */
  readonly #last = new Map<string, number>();
  readonly #atHand = new Map<string, { readonly seq: number; readonly state: ServiceSnapshot }>();

  constructor(log: EventLog) {
    this.#log = log;
    this.#end = log.lastSeq();
  }

  *records(): Generator<VerifyProgress, void> {
    let after = (this.#oldest() ?? this.#end + 1) - 1;
    const first = after;
    while (after < this.#end) {
      after = this.#slice(after);
      yield { step: 'records', done: after - first, total: this.#end - first };
    }
    for (const problem of this.#divergences.values()) this.#note(problem);
  }

  *services(): Generator<VerifyProgress, void> {
    const total = this.#last.size;
    let after: string | undefined;
    for (;;) {
      const ids = this.#log.ids(after, SLICE);
      for (const id of ids) this.#service(id);
      after = ids.at(-1);
      if (after === undefined) break;
      yield { step: 'services', done: this.#services, total: Math.max(total, this.#services) };
    }
    for (const [id, seq] of this.#last) {
      this.#note({ id, seq, reason: `record ${seq} is its last, but it has no head: restore a backup` });
    }
  }

  report(): VerifyReport {
    return {
      records: this.#records,
      services: this.#services,
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }

  /** Looks at some records behind `after` and says behind which to go on. */
  #slice(after: number): number {
    let records: LogRecord[];
    try {
      records = this.#log.tail(after, SLICE).filter(({ seq }) => seq <= this.#end);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError) || error.seq === null) throw error;
      this.#note({ id: null, seq: error.seq, reason: error.message });
      this.#noteGap(after, error.seq);
      return error.seq;
    }
    const first = records[0]?.seq ?? this.#end + 1;
    this.#noteGap(after, first);
    let before = first - 1;
    for (const { seq } of records) {
      if (seq !== before + 1) this.#noteGap(before, seq);
      before = seq;
    }
    for (const [id, own] of byService(records)) this.#fold(id, own);
    this.#records += records.length;
    return records.at(-1)?.seq ?? this.#end;
  }

  /** Records that are missing were pruned meanwhile, or are lost when older ones are still there. */
  #noteGap(after: number, seq: number): void {
    if (seq === after + 1 || (this.#oldest() ?? seq) >= seq) return;
    this.#note({
      id: null,
      seq: after + 1,
      reason: `records ${after + 1} to ${seq - 1} are missing: restore a backup`,
    });
  }

  #oldest(): number | undefined {
    try {
      return this.#log.tail(0, 1)[0]?.seq;
    } catch (error) {
      if (error instanceof UnreadableRecordError && error.seq !== null) return error.seq;
      throw error;
    }
  }

  #fold(id: string, own: readonly LogRecord[]): void {
    const { state, divergence } = foldOn(this.#before(own[0]), own);
    if (divergence !== null && !this.#divergences.has(id)) this.#divergences.set(id, { id, ...divergence });
    if (own.some(({ event }) => event.type === 'divergence found')) this.#divergences.delete(id);
    this.#atHand.delete(id);
    const last = own.at(-1);
    if (last === undefined || last.to.value === 'Removed') {
      this.#last.delete(id);
      return;
    }
    this.#last.set(id, last.seq);
    if (state === null) return;
    this.#atHand.set(id, { seq: last.seq, state });
    if (this.#atHand.size > MAX_AT_HAND) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#atHand.keys();
    if (oldest !== undefined) this.#atHand.delete(oldest);
  }

  /** The state before a record, if that record is still there and of use: what is wrong with it is told where it is looked at itself. */
  #before(record: LogRecord | undefined): ServiceSnapshot | null {
    if (record === undefined || record.prev === 0) return null;
    const atHand = this.#atHand.get(record.id);
    if (atHand?.seq === record.prev) return atHand.state;
    const before = this.#recordAt(record.prev);
    return before?.id === record.id ? foldOn(null, [before]).state : null;
  }

  #recordAt(seq: number): LogRecord | undefined {
    try {
      const [record] = this.#log.tail(seq - 1, 1);
      return record?.seq === seq ? record : undefined;
    } catch (error) {
      if (error instanceof UnreadableRecordError) return undefined;
      throw error;
    }
  }

  #service(id: string): void {
    this.#services++;
    const last = this.#last.get(id);
    this.#last.delete(id);
    try {
      const head = this.#log.head(id)?.record;
      if (head === undefined) return;
      const record = this.#recordAt(head.seq);
      const isLast = last === undefined || last === head.seq || head.seq > this.#end;
      const isSame = record === undefined || sameState(record, head);
      const reason = isLast && isSame ? serviceProblem(this.#log, head) : 'its head is not its last record';
      if (reason !== null) this.#note({ id, seq: head.seq, reason });
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      this.#note({ id, seq: last ?? null, reason: error.message });
    }
  }

  #note(problem: Problem): void {
    this.#problemCount++;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}

function byService(records: readonly LogRecord[]): Map<string, LogRecord[]> {
  const groups = new Map<string, LogRecord[]>();
  for (const record of records) {
    const group = groups.get(record.id);
    if (group === undefined) groups.set(record.id, [record]);
    else group.push(record);
  }
  return groups;
}
