/** The lines of an export: JSON Lines, one object each. The same for whoever writes and whoever reads them. */
import type { JsonObject, LogRecord, Owed } from '../../store/event-log.ts';
import type { ServiceEntry } from '../../store/log-import.ts';
import { requireRecord } from '../../store/records.ts';

/** Version of these lines; a newer one is refused. */
export const EXPORT_VERSION = 1;

/** The first line. */
export interface FirstLine {
  readonly evergateLog: number;
  readonly exportedAt: string;
  /** Whether services' documents, and with them secrets, are in it. */
  readonly secrets: boolean;
}

/** The last line: without it an export is cut off. */
export interface LastLine {
  readonly end: true;
  readonly records: number;
  readonly services: number;
  /** Records and services that could not be read and are not in it. */
  readonly unreadable: number;
}

/** A line for each service, behind the records. */
interface ServiceLine extends ServiceEntry {
  readonly service: string;
}

export type Line =
  | { readonly kind: 'first'; readonly line: FirstLine }
  | { readonly kind: 'record'; readonly line: LogRecord }
  | { readonly kind: 'service'; readonly line: ServiceLine }
  | { readonly kind: 'last'; readonly line: LastLine };

export const serviceLine = ({ head, owed, documents }: ServiceEntry): ServiceLine => ({
  service: head.id,
  head,
  owed,
  documents,
});

/** @throws {Error} it is none of them, or a record is of another version or not whole */
export function parseLine(text: string): Line {
  const line: unknown = JSON.parse(text);
  if (!isObject(line)) throw new Error('it is not a JSON object');
  if ('evergateLog' in line) return { kind: 'first', line: line as unknown as FirstLine };
  if (line.end === true) return { kind: 'last', line: line as unknown as LastLine };
  if ('seq' in line) return { kind: 'record', line: requireRecord(line, 'it') };
  if ('service' in line) return { kind: 'service', line: parseService(line) };
  throw new Error('it is neither a record nor a service');
}

function parseService({ service, head, owed, documents }: Record<string, unknown>): ServiceLine {
  const record = requireRecord(head, 'its head');
  if (service !== record.id) throw new Error('its head is that of another service');
  const isOwed =
    owed === null ||
    (isObject(owed) &&
      typeof owed.running === 'boolean' &&
      (owed.dueAt === null || typeof owed.dueAt === 'number'));
  if (!isOwed) throw new Error('"owed" is not null or {running, dueAt}');
  if (!isObject(documents) || !Object.values(documents).every(isObject))
    throw new Error('"documents" are not objects');
  return {
    service,
    head: record,
    owed: owed as Owed | null,
    documents: documents as Record<string, JsonObject>,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
