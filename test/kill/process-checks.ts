/** What processes there were, held against the log. */
import type { LogRecord } from '../../src/store/event-log.ts';
import { configOf, fingerprintOf, KINDS } from './kinds.ts';
import type { LogBook } from './log-book.ts';
import { isAlive, type Witness, type WitnessBook } from './witness-book.ts';

/** No process of an earlier life is alive (invariant 9). */
export function nobodyLeft({ witnesses, members }: WitnessBook, gateway: number): string[] {
  return [...witnesses, ...members]
    .filter(each => each.ppid !== gateway && isAlive(each))
    .map(
      ({ pid, ppid }) =>
        `invariant 9: process ${pid} of gateway ${ppid} is alive after the boot of ${gateway}`,
    );
}

/** The life of one gateway. */
export interface Span {
  readonly gateway: number;
  /** `seq` of the last record before it, and of its own last. */
  readonly after: number;
  readonly upTo: number;
}

/**
 * No effect ran ahead of its record (invariant 7): a process that was spent a message on is on record itself; one that is
 * not belongs to a start that was permitted, or to a service that was ready to have more than one.
 */
export function recordedFirst(
  { witnesses }: WitnessBook,
  log: LogBook,
  { gateway, after, upTo }: Span,
  journal: string,
): string[] {
  const records = log.since(after).filter(({ seq }) => seq <= upTo);
  const spawned = new Set(records.flatMap(record => processIn(record) ?? []));
  const mine = witnesses.filter(({ ppid }) => ppid === gateway);
  const unrecorded = mine.filter(witness => !spawned.has(nameOf(witness)));
  const used = unrecorded.filter(witness => witness.used).map(witness => `${tell(witness)} was used`);
  const unordered = unrecorded
    .filter(witness => !isOrdered(witness, unrecorded, records, log, journal))
    .map(witness => `${tell(witness)} was spawned, and no record ordered it`);
  return [...used, ...unordered].map(what => `invariant 7: ${what}, but is not on record`);
}

function isOrdered(
  witness: Witness,
  unrecorded: readonly Witness[],
  records: readonly LogRecord[],
  log: LogBook,
  journal: string,
): boolean {
  const id = log.idOf(fingerprintsOf(witness, journal));
  const own = records.filter(record => record.id === id);
  if (own.some(({ to }) => Object.keys(Object(to.value)).includes('Ready'))) return true;
  const count = (type: string) => own.filter(({ event }) => event.type === type).length;
  const alike = unrecorded.filter(({ service }) => service === witness.service).length;
  return alike <= count('start permitted') - count('spawned');
}

const fingerprintsOf = ({ service, version }: Witness, journal: string) =>
  KINDS.map(kind => fingerprintOf(configOf(kind, journal, service, version)));

const nameOf = ({ pid, ticks }: Witness) => `${pid} ${ticks}`;

const tell = ({ pid, service }: Witness) => `process ${pid} of ${service}`;

function processIn({ event }: LogRecord): string | null {
  const process = event.process as { readonly pid: number; readonly startTicks: number } | undefined;
  return process === undefined ? null : `${process.pid} ${process.startTicks}`;
}
